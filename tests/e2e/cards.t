#!/bin/bash
# What the cards (driver/model/cards) say that an architecture has, and has not, ptxas assembles or refuses.
. "$(dirname "$0")/../tap.sh"
ptxas=${CUDA_HOME:?the toolkit}/bin/ptxas
cards=$(realpath "$(dirname "$0")/../../driver/model/cards")
cd "$dir" || exit 1

assembles() { # ARCH INSTRUCTION
    cat >k.ptx <<P
.version 9.0
.target $1
.address_size 64
.visible .entry k(.param .u64 p, .param .u64 q)
{
    .reg .b32 r<8>; .reg .b64 d<4>; .reg .f32 f<8>; .reg .pred is; .reg .b16 h<2>;
    .shared .align 128 .b8 s[1024];
    ld.param.u64 d0, [p]; ld.param.u64 d1, [q]; mov.u32 r0, s; mov.u32 r1, 0; mov.u32 r2, 32;
    $2
    ret;
}
P
    "$ptxas" -arch="$1" k.ptx -o k.cubin 2>/dev/null
}

# INSTRUCTION WORD HAS... -- HAS-NOT...: WORD stands on the cards of those that it is about
claim() {
    local instruction=$1 word=$2 has=1 arch
    shift 2
    for arch; do
        [ "$arch" = -- ] && has= && continue
        assembles "$arch" "$instruction"
        is "$word on $arch${has:+: there}" "$?" "$([ $has ] && echo 0 || echo 255)"
    done
    ok "$word is on a card" grep -q -e "$word" "$cards"/sm_{80,90,100}.md
}

mma='mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {f0, f1, f2, f3}, {r1, r1, r1, r1}, {r1, r1}, {f0, f1, f2, f3};'
fp8='mma.sync.aligned.m16n8k32.row.col.f32.e4m3.e4m3.f32 {f0, f1, f2, f3}, {r1, r1, r1, r1}, {r1, r1}, {f0, f1, f2, f3};'
wgmma='wgmma.mma_async.sync.aligned.m64n8k16.f32.bf16.bf16 {f0, f1, f2, f3}, d1, d1, 1, 1, 1, 0, 0;'
tma='cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes [r0], [d1, {r1, r1}], [r0];'
claim "$mma" 'mma.sync' sm_80 sm_90 sm_100 sm_120
claim "$fp8" 'FP8' sm_89 sm_90 -- sm_80
claim "$wgmma" 'wgmma' sm_90a -- sm_90 sm_100a sm_80
claim 'setmaxnreg.inc.sync.aligned.u32 240;' 'setmaxnreg' sm_90a sm_100a -- sm_90 sm_100
claim "$tma" 'cp.async.bulk' sm_90 sm_100 -- sm_80
claim 'cp.async.cg.shared.global [r0], [d1], 16;' 'cp.async' sm_80 sm_90 sm_100
claim 'mapa.shared::cluster.u32 r3, r0, r1;' 'mapa' sm_90 sm_100 -- sm_80
claim 'stmatrix.sync.aligned.m8n8.x4.shared.b16 [r0], {r1, r1, r1, r1};' 'stmatrix' sm_90 -- sm_80
claim 'elect.sync r3|is, -1;' 'elect.sync' sm_90 -- sm_80
claim 'griddepcontrol.wait;' 'griddepcontrol' sm_90 -- sm_80
claim 'red.global.v4.f32.add [d0], {f0, f1, f2, f3};' 'red.global' sm_90 -- sm_80
claim 'red.global.add.noftz.bf16x2 [d0], r1;' 'bfloat16x2' sm_90 -- sm_80
claim 'tcgen05.alloc.cta_group::1.sync.aligned.shared::cta.b32 [r0], 32;' 'tcgen05' sm_100a sm_103a sm_110a -- sm_90a sm_100 sm_120a
claim 'ld.global.v8.f32 {f0, f1, f2, f3, f4, f5, f6, f7}, [d1];' 'ld.global.v8' sm_100 sm_120 -- sm_90
claim 'fma.rn.f32x2 d2, d1, d1, d1;' 'fma.rn.f32x2' sm_100 -- sm_90
claim 'redux.sync.min.f32 f0, f1, -1;' 'redux' sm_100a -- sm_90 sm_100
finish
