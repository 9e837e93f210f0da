#!/bin/sh
# Checks vfxai on a machine with an NVIDIA GPU, without a network and in under eight minutes: the contract of devices on real CUDA, then the speed table.
#   sh examples/gpu_check.sh [FOLDER]        results in FOLDER (out/gpu_check)
# Exit code 0: all tests passed and the table was made; 5: no CUDA device here; otherwise that of what failed.
# It was written where there was no GPU, and was run there up to the first check.
set -eu
cd "$(dirname "$0")/.."
OUT=${1:-out/gpu_check}
PYTHON=${PYTHON:-python}
mkdir -p "$OUT"
$PYTHON - <<'CHECK' | tee "$OUT/machine.txt" || exit 5
import sys

import torch

if not torch.cuda.is_available():
    sys.exit("there is no CUDA device for this torch: install the build of torch for CUDA, and check nvidia-smi")
print(torch.cuda.get_device_name(), "torch", torch.__version__, "CUDA", torch.version.cuda)
CHECK
grep -q torch "$OUT/machine.txt" || exit 5
failed=0
timeout 180 $PYTHON -m pytest -q -m gpu tests/session tests/models 2>&1 | tee "$OUT/contract.txt"
grep -q " passed\|^\.*  *\[100%\]" "$OUT/contract.txt" && ! grep -q "FAILED\|ERROR" "$OUT/contract.txt" || failed=1
timeout 240 $PYTHON -m vfxai bench speed --only nodes --size 2048x1080 --rounds 3 --json "$OUT/speed-nodes.json" | tee "$OUT/speed.md"
[ -s "$OUT/speed-nodes.json" ] || failed=1
exit $failed
