"""The client of the worker: standard library only, Python 3.9 to 3.13, one folder that a host's plug-in may copy.

with connect(client="nuke 15.1") as worker:
    outcome = worker.run(recipe, on_event=print)
"""
