#!/bin/sh
# Trains every shipped network from nothing and writes models/. On two CPU cores the whole takes about six hours, on a data-centre GPU under one.
# Each command stops after MINUTES with a usable checkpoint and goes on when it is called again, so slices of under ten minutes
# are possible:  DATA=../shared/data/train MINUTES=9 sh examples/train_all.sh   as often as needed.
set -eu
DATA=${DATA:-../shared/data/train}
MINUTES=${MINUTES:-600}
VFXAI=${VFXAI:-python -m vfxai}

# To take the data to another machine (56 MB; the clips that share scenes with the evaluation clips stay behind):
#   tar -C ../shared/data/train -cf train.tar --exclude='video/bbb_meadow*' --exclude='video/bbb_wakeup*' \
#       --exclude='video/sintel*' --exclude='video/cam_coffee*' photos stills video damage_overlays

# The weights in models/ of November 2026 were trained before these entered the batches, so the commands below give other weights for:
#   impulse-s      a tenth of the crops is of faded film (FADED in vfxai/train/impulse.py)
#   deinterlace-s  a tenth of the scenes flickers from field to field (Deinterlace.flicker in vfxai/train/deinterlace.py)
#   upscale-x2-s, upscale-x4-s  a fifth of the worn crops is of faded film (FADED in vfxai/train/upscale.py); the sixteen blocks have seen these
# With these set to 0 the networks are shown the same kinds of pictures as then, in another random order. The batches of denoise-s and remove-s are the same.
# denoise-fine-s as shipped: 22,000 steps with the mean absolute error, then 10,500 with the loss that it has now.

train() {
    $VFXAI train "$@" --data "$DATA" --minutes "$MINUTES" --resume
}

train denoise-s --steps 46000 --export models/denoise-s
train denoise-fine-s --steps 22000 --start-from .train/denoise-s/checkpoint.pt --export models/denoise-fine-s
train impulse-s --steps 26000 --export models/impulse-s
train deinterlace-s --steps 28000 --export models/deinterlace-s # the shipped two in two runs, of 16,000 + 10,000 and 14,000 + 14,000 steps
mkdir -p .train
echo 'blocks = [6]' > .train/six.toml # six blocks learn fast, and sixteen go on from there
train upscale-x2-s --config .train/six.toml --run .train/upscale-x2-six --steps 16000
train upscale-x2-s --start-from .train/upscale-x2-six/checkpoint.pt --steps 8000 --export models/upscale-x2-s
train upscale-x4-s --config .train/six.toml --run .train/upscale-x4-six --start-from .train/upscale-x2-six/checkpoint.pt --steps 12000
train upscale-x4-s --start-from .train/upscale-x4-six/checkpoint.pt --steps 7500 --export models/upscale-x4-s
train remove-s --steps 26000 --export models/remove-s # the shipped one before fills were swept and agreement was judged at two radii
