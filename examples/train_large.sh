#!/bin/sh
# Trains a larger network of each kind, for machines with a GPU: three to seven times the weights of those that ship. Resumes like train_all.sh:
#   DATA=../shared/data/train MINUTES=9 sh examples/train_large.sh   as often as needed.
# They take the places of the small ones wherever VFXAI_MODELS names their folder, on every machine of a farm alike:
#   export VFXAI_MODELS=$PWD/out/large
# Nobody has trained them to the end yet: no GPU was at hand.
set -eu
DATA=${DATA:-../shared/data/train}
MINUTES=${MINUTES:-600}
VFXAI=${VFXAI:-python -m vfxai}
HERE=$(dirname "$0")

train() {
    model=$1
    shift
    $VFXAI train "$model" --config "$HERE/large/$model.toml" --run ".train/large/$model" --data "$DATA" --minutes "$MINUTES" --resume \
        --export "out/large/$model" "$@"
}

train denoise-s
train denoise-fine-s --start-from .train/large/denoise-s/checkpoint.pt
train noise-s
train impulse-s
train deinterlace-s
train upscale-x2-s
train upscale-x4-s --start-from .train/large/upscale-x2-s/checkpoint.pt
train remove-s
