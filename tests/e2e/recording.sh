# Shell tests source this to make recordings for `ksearch-worker --replay` (runtime/worker/PROTOCOL.md). The times are invented:
# what is tested is what the engine makes of them.
#
#   recording FILE ENTRY WORKLOADS TESTS POINT TIMES [POINT TIMES]...
#
# WORKLOADS and TESTS are labels with semicolons between them. POINT is a JSON list of tunables, as in [128], TIMES the microseconds on
# each workload, as in 10,12. The first point is the one in the code, and its times are the original's.

gpu_json='{"name":"NVIDIA H200","uuid":"GPU-00000000-0000-0000-0000-000000000000","major":9,"minor":0,"sms":132,"smem":232448,"regs":65536,"l2":62914560,"memory":150754820096,"driver":13000}'

line() { # KEY REPLY [LABELS]
    printf '{"key":%s,"reply":%s%s}\n' "$1" "$2" "${3:+,\"labels\":$3}"
}

# N times about US, a little up and down: "[10.00,10.02,...]"
times() { # US N
    awk -v us="$1" -v n="$2" 'BEGIN { printf "["; for (i = 0; i < n; i++) printf "%s%.5f", i ? "," : "", us * (1 + 0.001 * (i % 3 - 1)); print "]" }'
}

same() { # WHAT N
    awk -v x="$1" -v n="$2" 'BEGIN { printf "["; for (i = 0; i < n; i++) printf "%s%s", i ? "," : "", x; print "]" }'
}

recording() {
    local file=$1 entry=$2 labels original mhz workloads
    IFS=';' read -ra workloads <<<"$3"
    IFS=',' read -ra original <<<"$6"
    labels="$3;$4"
    labels="[\"${labels//;/\",\"}\"]"
    mhz=$(same 1980 20)
    shift 4
    local e="\"entry\":\"$entry\""
    {
        line '{"op":"hello"}' "{\"ok\":true,\"version\":1,\"gpu\":$gpu_json}"
        line "{\"op\":\"open\",$e}" '{"ok":true,"arrays":[{"type":"f32","size":4},{"type":"f32","size":4}]}'
        for label in "${workloads[@]}"; do
            line "{\"op\":\"floor\",$e,\"label\":\"$label\"}" '{"ok":true,"bytes":8388608,"us":2.0}'
        done
        recorded_variant '"original"' "$2"
        while [ $# -gt 0 ]; do
            recorded_variant "$1" "$2"
            shift 2
        done
    } >"$file"
}

recorded_variant() { # POINT TIMES; uses what recording knows
    local v="\"variant\":$1" us i
    IFS=',' read -ra us <<<"$2"
    line "{\"op\":\"variant\",$e,$v}" '{"ok":true,"regs":16,"smem":0,"local":0}'
    line "{\"op\":\"check\",$e,$v}" '{"ok":true,"pass":true}' "$labels"
    for i in "${!workloads[@]}"; do
        line "{\"op\":\"time\",$e,\"label\":\"${workloads[i]}\",$v}" \
            "{\"ok\":true,\"pass\":true,\"us\":$(times "${us[i]}" 20),\"mhz\":$mhz,\"launches\":40,\"sets\":40,\"graph\":true}"
        line "{\"op\":\"pair\",$e,\"label\":\"${workloads[i]}\",\"a\":\"original\",\"b\":$1}" \
            "{\"ok\":true,\"pass\":true,\"a\":$(times "${original[i]}" 20),\"b\":$(times "${us[i]}" 20),\"a_mhz\":$mhz,\"b_mhz\":$mhz,\"launches\":40,\"sets\":40,\"graph\":true}"
    done
}
