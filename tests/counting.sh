# Shell tests source this to count compilers: $dir/bin/nvcc is a script in front of nvcc, which adds a line to $dir/counts for each compile
# that begins, with how many are running then. What is in $dir/hook is run before each, with its arguments.
mkdir "$dir/bin" "$dir/alive"
cat >"$dir/bin/nvcc" <<S
#!/bin/bash
case " \$* " in *' --version '* | *' --dryrun '*) exec "$CUDA_HOME/bin/nvcc" "\$@" ;; esac
: >"$dir/alive/\$\$"
n=0
for p in "$dir"/alive/*; do
    kill -0 "\${p##*/}" 2>/dev/null && n=\$((n + 1))
done
echo "\$n" >>"$dir/counts"
[ ! -e "$dir/hook" ] || . "$dir/hook"
"$CUDA_HOME/bin/nvcc" "\$@"
status=\$?
rm "$dir/alive/\$\$"
exit \$status
S
chmod +x "$dir/bin/nvcc"

counted() { # COMMAND...: its output in the file `said`; sets $status and $most, the number of compilers at once
    : >"$dir/counts"
    "$@" >"$dir/said" 2>&1
    status=$?
    most=$(sort -n "$dir/counts" | tail -n 1)
}
