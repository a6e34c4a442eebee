#!/bin/bash
# Every way to call nvcc that tests/matrix/options lists, beside plain nvcc. KSEARCH_MATRIX=all (`make matrix`) for all of them,
# KSEARCH_MATRIX=PATTERN for the lines that match.
. "$(dirname "$0")/../tap.sh"
here=$(realpath "$(dirname "$0")/../matrix")
for v in $(compgen -e | grep -E '^(NVCC_|KSEARCH_(MODE|LOCK|GPU|WORKER|CACHE_DIR)$|CI$)'); do unset "$v"; done

mkdir "$dir/tree"
(cd "$dir/tree" && . "$here/tree.sh")

want=${KSEARCH_MATRIX:-core}
depth=core
[ "$want" = core ] || depth=all
number=0
while read -r class when command; do
    case $want in
    core) [ "$when" = '*' ] || continue ;;
    all) ;;
    *) grep -Eq -e "$want" <<<"$command" || continue ;;
    esac
    number=$((number + 1))
    printf '%s\0%s\0%s\0%s\0%s\0' "$dir" "$number" "$class" "$depth" "$command"
    echo "$class: $command" >"$dir/$number.name"
done < <(grep -Ev '^ *(#|$)' "$here/options") >"$dir/cases"

one() { # FOLDER NUMBER CLASS DEPTH COMMAND
    "$here/case" "$@" >"$1/$2.said" 2>&1
}
export here
export -f one
xargs -0 -n 5 -P "${KSEARCH_JOBS:-2}" bash -c 'one "$@"' _ <"$dir/cases"
for ((i = 1; i <= number; i++)); do
    is "$(cat "$dir/$i.name")" "$(cat "$dir/$i.said")" ''
done
finish
