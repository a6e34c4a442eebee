#!/bin/sh
# How the recordings here were made, with nvcc 13.0.88 and nvdisasm and cuobjdump 13.2.51 (later tools read earlier cubins).
cd "$(dirname "$0")" || exit 1
nvcc -arch=sm_80 -cubin mix.cu -o mix.cubin && nvdisasm -c mix.cubin >mix_sm80.nvdisasm && cuobjdump -sass -fun _ZN5parts4sumsILi256EEEvPfPK6float4PKfi mix.cubin >mix_sm80.cuobjdump
nvcc -arch=sm_90 -cubin mix.cu -o mix.cubin && nvdisasm -c mix.cubin >mix_sm90.nvdisasm
nvcc -arch=sm_90a -cubin hopper.cu -o mix.cubin && nvdisasm -c mix.cubin >hopper_sm90a.nvdisasm
rm -f mix.cubin
