# Shell tests source this: TAP on standard output, one line a check, and a folder of their own.
#
#   ok NAME COMMAND...       the command succeeds
#   is NAME GOT WANTED       the texts are equal
#   like NAME TEXT PATTERN   the text matches the extended regular expression
#   unlike NAME TEXT PATTERN
#   skip NAME WHY
#   finish                   prints the plan; the script ends with the number of failed checks
#
# $dir is an empty folder that goes away with the script.

# what a test counts and names are the variants of its own file; tests of the built-in knobs turn them on
export KSEARCH_KNOBS=0
# compute-sanitizer takes ten seconds a search: what is about it says so
export KSEARCH_SANITIZER=none

tap_count=0
tap_failed=0
dir=$(mktemp -d)
trap 'chmod -R u+w "$dir" 2>/dev/null; rm -rf "$dir"' EXIT

tap_line() { # STATUS NAME DETAIL...
    tap_count=$((tap_count + 1))
    if [ "$1" = 0 ]; then
        echo "ok $tap_count - $2"
        return
    fi
    tap_failed=$((tap_failed + 1))
    echo "not ok $tap_count - $2"
    shift 2
    printf '%s\n' "$@" | sed 's/^/#   /'
}

ok() {
    local name=$1 out
    shift
    out=$("$@" 2>&1)
    tap_line $? "$name" "failed: $*" "$out"
}

is() {
    [ "$2" = "$3" ]
    tap_line $? "$1" "got:    $2" "wanted: $3"
}

like() {
    grep -Eq -e "$3" <<<"$2"
    tap_line $? "$1" "text:     $2" "does not match: $3"
}

unlike() {
    ! grep -Eq -e "$3" <<<"$2"
    tap_line $? "$1" "text:     $2" "matches: $3"
}

skip() {
    tap_count=$((tap_count + 1))
    echo "ok $tap_count - $1 # skip $2"
}

finish() {
    echo "1..$tap_count"
    exit "$tap_failed"
}
