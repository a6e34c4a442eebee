# Shell tests source this to make recordings for `ksearch-worker --replay` (runtime/worker/PROTOCOL.md). The times are invented:
# what is tested is what the engine makes of them.
#
#   recording FILE ENTRY LABELS POINT US [POINT US]...   LABELS: of the one workload, then of the tests, with commas;
#                                                        POINT is a JSON list of tunables, as in [128]; the first is the one in the
#                                                        code, and its time is the original's

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
    local file=$1 entry=$2 label=${3%%,*} labels original=$5
    labels="[\"${3//,/\",\"}\"]"
    shift 3
    local e="\"entry\":\"$entry\""
    : >"$file"
    line '{"op":"hello"}' "{\"ok\":true,\"version\":1,\"gpu\":$gpu_json}" >>"$file"
    line "{\"op\":\"open\",$e}" '{"ok":true,"arrays":[{"type":"f32","size":4},{"type":"f32","size":4}]}' >>"$file"
    line "{\"op\":\"floor\",$e,\"label\":\"$label\"}" '{"ok":true,"bytes":8388608,"us":2.0}' >>"$file"
    recorded_variant "$file" '"original"' "$original"
    while [ $# -gt 0 ]; do
        recorded_variant "$file" "$1" "$2"
        shift 2
    done
}

recorded_variant() { # FILE POINT US; uses e, label, labels and original of recording
    local v="\"variant\":$2" mhz
    mhz=$(same 1980 20)
    line "{\"op\":\"variant\",$e,$v}" '{"ok":true,"regs":16,"smem":0,"local":0}' >>"$1"
    line "{\"op\":\"check\",$e,$v}" '{"ok":true,"pass":true}' "$labels" >>"$1"
    line "{\"op\":\"time\",$e,\"label\":\"$label\",$v}" \
        "{\"ok\":true,\"pass\":true,\"us\":$(times "$3" 20),\"mhz\":$mhz,\"launches\":40,\"sets\":40,\"graph\":true}" >>"$1"
    line "{\"op\":\"pair\",$e,\"label\":\"$label\",\"a\":\"original\",\"b\":$2}" \
        "{\"ok\":true,\"pass\":true,\"a\":$(times "$original" 20),\"b\":$(times "$3" 20),\"a_mhz\":$mhz,\"b_mhz\":$mhz,\"launches\":40,\"sets\":40,\"graph\":true}" >>"$1"
}
