#!/bin/bash
# samples/LANGUAGE.md against the parser: the same words, the same rows; its examples are whole files
# that compile, its errors are errors that are printed, its tolerances the worker's.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../tap.sh"

ksnvcc=${KSEARCH_BIN:?the folder of ksnvcc}/ksnvcc
top=$here/../..
doc=$top/samples/LANGUAGE.md
for v in $(compgen -e | grep -E '^(KSEARCH_|NVCC_|CUDACXX|CI$)'); do unset "$v"; done
export KSEARCH_CACHE_DIR=$dir/cache HOME=$dir
mkdir "$dir/examples"

"$ksnvcc" explain --language >"$dir/tables"
is 'explain --language: status' $? 0
"$ksnvcc" explain --language --json >"$dir/words.json"
is 'explain --language --json: status' $? 0
is 'a file beside it is refused' "$("$ksnvcc" explain --language "$doc" 2>&1 >/dev/null)" \
    'ksnvcc: error: explain --language takes no file'

# checks the document, writes its examples into a folder, and prints a line `OK?<tab>NAME` a check
cat >"$dir/check.pl" <<'P'
use strict;
use JSON::PP;
my ($doc, $words, $folder, $errors) = @ARGV;
my @lists = @{decode_json(do { local (@ARGV, $/) = $words; <> })};
my (%section, %rows, %example, %known, @error, $name, $out, $text);

# by section, which is the last heading of level 2 or 3: its text, the rows of its tables, and the
# annotations of its examples
$name = '';
open my $in, '<', $doc or die;
while (<$in>) {
    if (/^```c\+\+$/) {
        my ($file) = <$in> =~ m{^// (\S+\.(?:cuh?|ks))$} or die "line $.: an example without a name";
        my $clauses = $file =~ /ks$/; # all of its lines
        open $out, '>', "$folder/$file" or die;
        print $out "// $file\n";
        while (<$in>) {
            last if /^```$/;
            print $out $_;
            $clauses = 1 if /^KSEARCH\(/;
            $example{$name} .= $_ if $clauses || /^#pragma ksearch /;
            $clauses = 0 if /^__global__/;
        }
        close $out;
        next;
    }
    if (/^```/) { while (<$in>) { last if /^```$/ } next }
    if (/^###? (.*)/) { $name = $1; $section{$name} = '' }
    push @{$rows{$name}}, $_ if /^\| / && !/^\| (---|written|element)/;
    push @error, $1 if /^- error: `(.*)`$/;
    $section{$name} .= $_;
    $text .= $_;
}

sub check($$) { print $_[0] ? 1 : 0, "\t$_[1]\n" }

my %place = (lines => 'Where it stands', clauses => 'The clauses', generators => 'Generators',
             units => 'budget', expressions => 'Expressions');
my %wanted;
for my $list (@lists) {
    my $clauses = $list->{list} eq 'clauses';
    my $at = $place{$list->{list}} // $list->{list};
    for my $word (@{$list->{words}}) {
        (my $syntax = $word->{syntax}) =~ s/\|/\\|/g;
        my $row = "| `$syntax` | " . ($clauses ? $word->{once} ? 'once | ' : 'any | ' : '') .
            "$word->{summary} |\n";
        check((grep { $_ eq $row } @{$rows{$at}}), "the row of '$word->{word}' stands in '$at'");
        $wanted{$at}{$row} = 1;
        $known{$word->{word}} = 1;
        $known{$1} = 1 while $syntax =~ /(\w+)\(/g;
        next if $list->{list} =~ /^(units|expressions)$/;
        my $own = $clauses ? $word->{word} : $at;
        if ($clauses) { # a section of its own, which says how it is written
            check(defined $section{$own}, "'$own' has a section");
            check(index($section{$own}, "    $syntax\n") >= 0, "that says how '$own' is written");
            check($section{$own} =~ /^- error: /m, 'and what is wrong');
        }
        $own = $word->{word} eq 'on' ? 'on' : 'begin and end' if $list->{list} eq 'lines';
        my $used = $clauses || $word->{word} eq 'on' ? qr/\b$word->{word}\(/ :
            $list->{list} eq 'generators' ? qr/= $word->{word}\b/ : qr/\b$word->{word}\b/;
        # the rarer words inside of a clause need none
        next if $list->{list} =~ /^(launch|check|objective|budget)$/;
        check($example{$own} =~ $used, "an example in '$own' uses '$word->{word}'");
    }
}
for my $at (sort keys %wanted) {
    check(!(grep { !$wanted{$at}{$_} } @{$rows{$at}}), "no row in '$at' that the parser does not have");
}
my ($clauses) = grep { $_->{list} eq 'clauses' } @lists;
my %clause = map { $_->{word} => 1 } @{$clauses->{words}};
my ($part) = $text =~ /^## The clauses\n(.*?)^## Generators/ms;
check(!(grep { !$clause{$_} } $part =~ /^### (\S+)/mg), 'no section of a clause that does not exist');

# what is written like a call in the text is a word of the language
my %other = map { $_ => 1 } qw(KSEARCH float4 f); # f: of the reader's own
my @strange = grep { !$known{$_} && !$other{$_} } map { /(\w+)\(/g }
    grep { !/^(error|parameter|array)/ } map { /`([^`\n]+)`/g } grep { !/^- error/ } split /^/, $text;
check(!@strange, "what the text calls is known (@strange)");

# the errors that it quotes are printed for one of the malformed inputs
my $printed = join '', map { local (@ARGV, $/) = $_; <> } glob "$errors/*.err";
check(index($printed, $_) >= 0, "error: $_") for @error;
check(@error > 50, 'and there are many');
P
perl "$dir/check.pl" "$doc" "$dir/words.json" "$dir/examples" "$top/tests/lang/errors" >"$dir/checks" 2>"$dir/perl"
is 'the document is read' "$? $(cat "$dir/perl")" '0 '
while IFS=$'\t' read -r good name; do
    is "$name" "$good" 1
done <"$dir/checks"

# ---- the tolerances are those of the worker
tolerance() { # ELEM TYPE
    local row
    row=$(grep -oE "\[ELEM_$1\] = \{[^}]*\}" "$top/runtime/worker/session.c" | sed 's/.*{\(.*\), \(.*\)}/\1 | \2/')
    ok "the tolerances of $2" grep -qxF "| \`$2\` | $row |" "$doc"
}
tolerance F64 double
tolerance F32 float
tolerance F16 __half
tolerance BF16 __nv_bfloat16
tolerance E4M3 __nv_fp8_e4m3
tolerance E5M2 __nv_fp8_e5m2

# ---- the limits are those of the sources
limit() { # NAME FILE: its value there is one of the page's limits
    local value
    value=$(grep -ohE "\b$1 = [0-9]+( << 20)?" "$top/$2" | sed 's/.* = //; s/ << 20/ MiB/' | head -1)
    ok "the limit $1, $value" grep -q "^| $value | " "$doc"
}
limit CLAUSE_LIMIT driver/lang/clause.h
limit POINT_LIMIT driver/lang/clause.h
limit VALUE_LIMIT driver/lang/clause.h
limit NODE_LIMIT driver/lang/expr_parse.c
limit NESTING_LIMIT driver/lang/expr_parse.c
limit NAME_LIMIT driver/lang/cursor.c
limit LABEL_LIMIT driver/lang/resolve_points.c
limit USED_LIMIT driver/lang/block.c
limit MESSAGES driver/lang/diag.c

# ---- the examples: nvcc compiles each one's device code for explain, and here all of them at once
cd "$dir/examples" || exit 1
count=$(ls ./*.cu | wc -l)
is 'there are examples' "$((count > 25))" 1
said=$("$ksnvcc" explain --json ./*.cu -- -arch=sm_90 -I"$top/runtime/include" 2>&1)
is 'ksnvcc explains all of them' $? 0
is 'with nothing to say but that allow(host) has no effect and that a kernel is not launched' \
    "$(grep -A5 '"kind": "\(error\|warning\)"' <<<"$said" | sed -n 's/ *"text": "\([a-z(]*\).*/\1/p' |
        sort -u | xargs)" 'allow(host no'
# what the page says that explain prints, of the example that it names
sed -n '/^\$ ksnvcc explain/,/^```$/{/^\(\$\|```\)/!p}' "$doc" >"$dir/wanted"
"$ksnvcc" explain vadd.cu -- -arch=sm_90 2>&1 |
    sed -E 's/(  key +)[0-9a-f]+/\1.../; s/(  GPU +).*sm_90/\1sm_90/' >"$dir/got"
ok 'explain prints what the page shows' diff -u "$dir/wanted" "$dir/got"
is 'each has an entry' "$(grep -o '"file": "\./[^"]*' <<<"$said" | sort -u | wc -l)" "$count"
{
    echo '#include <cuda_fp16.h>'
    echo '#include <ksearch.h>'
    for f in *.cu; do
        echo "namespace example_${f%.cu} {"
        echo "#include \"$f\""
        echo '}'
    done
} >../all.cu
ok 'nvcc compiles all of them' "${CUDA_HOME:?}/bin/nvcc" -arch=sm_90 -I"$top/runtime/include" \
    -I. -c -o ../all.o ../all.cu
finish
