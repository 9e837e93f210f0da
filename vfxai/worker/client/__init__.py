"""The client of the worker: standard library only, Python 3.9 to 3.13, one folder that a host's plug-in may copy.

with connect("nuke 15.1") as worker:
    outcome = worker.run(recipe, on_event=print)                    # files; submit() does not wait
    node = worker.open("denoise", {"strength": 0.8}, width=2048, height=1556, first=1001, last=1048, colorspace="ACEScg")
    result = node.render(1003, lambda input, time, have: Picture(pixels, 2048, 1556))      # frames in memory
"""

from .errors import WorkerError
from .instance import SAME, Instance, Rendered
from .job import Job
from .pixels import Picture
from .worker import Worker, connect

__all__ = ["SAME", "Instance", "Job", "Picture", "Rendered", "Worker", "WorkerError", "connect"]
