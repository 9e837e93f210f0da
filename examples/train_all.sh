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
#   impulse-s      a tenth of the crops is of faded film (FADED in vfxai/train/impulse.py); only its last 14,500 steps, of 40,500, were shown that, and the last 2,500 photos_large,
#                  and crops as the next but three says
#   deinterlace-s  a tenth of the scenes flickers from field to field (DeinterlaceTask.flicker in vfxai/train/deinterlace.py); only its last
#                  14,400 steps, of 42,400, were shown that, and crops as the next but one says
#                  the last line of the fields beside that is unlike the others is not mixed with them (vfxai/fields/alignment.py); it was
#   denoise-s      noise begins at 6 / 255 (DenoiseTask.sigma_min in vfxai/train/denoise.py); it began at nothing for 46,000 steps, then 12,000 followed as now,
#                  with crops of 128, six a step, and 12 drawn patterns; only the last 3,000 after that were shown footage (vfxai/train/footage.py)
#                  and the seventh plane, and photos_large; what ships is 0.7 of the weights after these and 0.3 of those before, which
#                  loses half as much on white noise (0.06 dB) for nearly the same gain on footage (0.7 dB)
#                  then 3,000 steps more with FOOTAGE 0.6 and the codecs of today; what ships is half of these weights and half of those before
#   denoise-fine-s it started from denoise-s after those 46,000 steps, and its last 3,000 were shown footage too; what ships is 0.8 of the weights after these and 0.2
#                  of those before
#   denoise-s, denoise-fine-s, impulse-s, deinterlace-s
#                  crops are reduced to two fifths at most instead of to a half (random_crop in vfxai/train/pictures.py)
#   upscale-x2-s, upscale-x4-s, deinterlace-s
#                  they learn by PSNR; all but the last 5,600 steps of x2, 6,500 of x4 and 3,400 of deinterlace-s learned by the mean absolute error
#   remove-s       the first guess goes on smoothly from what neighbours show (fill_planes in vfxai/removal/filling.py); it broke off there
# With these set back the networks are shown the same kinds of pictures as then, in another random order.
# In one run what took two: the sixteen blocks of upscale-x2-s took 8,000 steps with photographs and dead leaves alone, 4,500 and 5,600 with all
# pictures, those of upscale-x4-s 7,500, 4,500, 6,000 and 6,500 more, each run with its rate falling to nothing.
# denoise-fine-s as shipped: 22,000 steps with the mean absolute error, then 10,500 with the loss that it has now.

train() {
    $VFXAI train "$@" --data "$DATA" --minutes "$MINUTES" --resume
}

mkdir -p .train
train denoise-s --steps 46000 --export models/denoise-s
train denoise-fine-s --steps 22000 --start-from .train/denoise-s/checkpoint.pt --export models/denoise-fine-s
train noise-s --steps 8000 --export models/noise-s # the shipped one in three runs, of 2,000 + 5,000 + 4,000 steps; only the last was shown ONE_HUE in vfxai/train/measure.py
train impulse-s --steps 40500 --export models/impulse-s # the shipped one in runs of 26,000 + 12,000 + 2,500 steps
train deinterlace-s --steps 42400 --export models/deinterlace-s # the shipped two in runs of 16,000 + 10,000 and of 14,000 + 14,000 + 11,000 + 3,400 steps
echo 'blocks = [6]' > .train/six.toml # six blocks learn fast, and sixteen go on from there
train upscale-x2-s --config .train/six.toml --run .train/upscale-x2-six --steps 16000
train upscale-x2-s --start-from .train/upscale-x2-six/checkpoint.pt --export models/upscale-x2-s
train upscale-x4-s --config .train/six.toml --run .train/upscale-x4-six --start-from .train/upscale-x2-six/checkpoint.pt --steps 12000
train upscale-x4-s --start-from .train/upscale-x4-six/checkpoint.pt --export models/upscale-x4-s
train remove-s --steps 50000 --export models/remove-s # the shipped one in two runs, of 26,000 steps without the last five planes and 24,000 more
