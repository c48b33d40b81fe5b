import type { Spec } from "./spec.ts";

/** Commands that show text: files of the workspace or what comes by a pipe. */
export const textCommands: Spec[] = [
  {
    names: "cat",
    options: "-AbeEnstTuv --number --number-nonblank --show-all --show-ends --show-tabs --squeeze-blank --show-nonprinting",
    operands: "read*",
    tolerant: true,
    filters: "",
  },
  { names: "tac", options: "-br -s= --before --regex --separator=", operands: "read*", tolerant: true, filters: "-r" },
  {
    names: "head",
    options: "-qvz -n= -c= -# --lines= --bytes= --quiet --silent --verbose --zero-terminated",
    operands: "read*",
    tolerant: true,
    filters: "-n --lines -#",
  },
  {
    names: "tail",
    options: "-qvzr -n= -c= -# --lines= --bytes= --quiet --silent --verbose --zero-terminated",
    operands: "read*",
    tolerant: true,
    filters: "-n --lines -#",
  },
  { names: "wc", options: "-clmwL --bytes --chars --lines --words --max-line-length --total=", operands: "read*", tolerant: true },
  { names: "nl", options: "-p -b= -d= -f= -h= -i= -l= -n= -s= -v= -w=", operands: "read*", tolerant: true },
  {
    names: "cut",
    options:
      "-nsz -b= -c= -d= -f= --bytes= --characters= --delimiter= --fields= --only-delimited --complement --output-delimiter= --zero-terminated",
    operands: "read*",
    tolerant: true,
  },
  { names: "paste", options: "-sz -d= --serial --delimiters=", operands: "read*", tolerant: true },
  { names: "fold", options: "-bs -w= --bytes --spaces --width=", operands: "read*", tolerant: true },
  { names: "fmt", options: "-cstu -w= -p= -g= --width=", operands: "read*", tolerant: true },
  { names: "expand unexpand", options: "-ia -t= --tabs= --initial --all --first-only", operands: "read*", tolerant: true },
  { names: "rev", options: "", operands: "read*", tolerant: true },
  {
    names: "column",
    options:
      "-txenLJdR -c= -s= -o= -N= -R= -H= -l= --table --separator= --output-separator= --columns= --json --fillrows --table-columns= --table-right= --table-hide= --table-noheadings --table-name= --keep-empty-lines",
    operands: "read*",
  },
  { names: "tr", options: "-cCdst --complement --delete --squeeze-repeats --truncate-set1", operands: "any any" },
  { names: "comm", options: "-123z --check-order --nocheck-order --output-delimiter= --total --zero-terminated", operands: "read read" },
  {
    names: "join",
    options: "-iz -a= -e= -o= -t= -v= -1= -2= -j= --ignore-case --header --check-order --nocheck-order",
    operands: "read read",
  },
  {
    names: "cmp",
    options: "-bls -i= -n= --print-bytes --verbose --quiet --silent --ignore-initial= --bytes=",
    operands: "read read any any",
    tolerant: true,
  },
  {
    names: "diff",
    options:
      "-abBcdeEiNnpqrstTuwyZ -C= -U= -W= -x= -I= -F= -# --brief --recursive --unified?= --context?= --side-by-side --width= --suppress-common-lines --ignore-all-space --ignore-space-change --ignore-blank-lines --ignore-case --ignore-trailing-space --strip-trailing-cr --text --new-file --minimal --exclude= --color?= --report-identical-files --show-c-function --label= --no-dereference --left-column --normal --speed-large-files --expand-tabs --initial-tab --ignore-matching-lines=",
    operands: "read read",
  },
  {
    names: "sort",
    options:
      "-bdfgiMhnRrVcCmsuz -k= -t= -S= --key= --field-separator= --numeric-sort --reverse --unique --human-numeric-sort --version-sort --general-numeric-sort --month-sort --random-sort --ignore-case --ignore-leading-blanks --dictionary-order --stable --check?= --merge --zero-terminated --buffer-size= --parallel= --debug --sort=",
    operands: "read*",
    filters: "-u -r -n -V -f -k --unique --reverse --numeric-sort --version-sort",
  },
  {
    names: "uniq",
    options:
      "-cdDiuz -f= -s= -w= --count --repeated --all-repeated?= --unique --ignore-case --skip-fields= --skip-chars= --check-chars= --group?= --zero-terminated",
    operands: "read",
    filters: "-i -u -d",
  },
  {
    names: "grep egrep fgrep",
    options:
      "-EFGPiIyvwxclLoqshHbnTUuzrRaZ -e= -f=read -m= -A= -B= -C= -d= -D= -# --extended-regexp --fixed-strings --basic-regexp --perl-regexp --regexp= --file=read --ignore-case --no-ignore-case --invert-match --word-regexp --line-regexp --count --color?= --colour?= --files-without-match --files-with-matches --max-count= --only-matching --quiet --silent --no-messages --byte-offset --with-filename --no-filename --label= --line-number --initial-tab --null --after-context= --before-context= --context= --text --binary-files= --exclude= --exclude-from=read --exclude-dir= --include= --recursive --dereference-recursive --line-buffered --binary --null-data --directories= --devices=",
    operands: "any read*",
    instead: ["-e", "-f", "--regexp", "--file"],
    follows: ["-R", "--dereference-recursive"],
    tolerant: true,
    filters: "-v -i -E -F -P -w -x -e --invert-match --ignore-case --regexp --extended-regexp --fixed-strings -h -s",
    lists: ["-l", "-L", "--files-with-matches", "--files-without-match"],
  },
  {
    names: "rg",
    options:
      "-abcFHhiIlnNopPqsSUuvVwx0 -A= -B= -C= -e= -f=read -g= -j= -m= -M= -r= -t= -T= -d= -E= --after-context= --before-context= --context= --regexp= --file=read --glob= --iglob= --max-count= --max-columns= --max-columns-preview --max-depth= --maxdepth= --max-filesize= --replace= --type= --type-not= --type-list --type-add= --threads= --encoding= --engine= --sort= --sortr= --color= --colors= --column --no-column --context-separator= --count --count-matches --crlf --debug --files --files-with-matches --files-without-match --fixed-strings --heading --no-heading --hidden --no-hidden --ignore-case --case-sensitive --smart-case --invert-match --json --line-number --no-line-number --line-regexp --multiline --multiline-dotall --no-config --no-filename --with-filename --no-ignore --no-ignore-vcs --no-ignore-parent --no-ignore-dot --no-ignore-global --no-messages --null --null-data --one-file-system --only-matching --passthru --path-separator= --pcre2 --pcre2-version --pretty --quiet --stats --text --trim --unrestricted --version --vimgrep --word-regexp --byte-offset --help --line-buffered --block-buffered --mmap --no-mmap --sort-files",
    operands: "any read*",
    instead: ["-e", "-f", "--regexp", "--file", "--files", "--type-list"],
    filters: "-v -i -F -P -w -x -e --invert-match --ignore-case --regexp --fixed-strings -N",
    lists: ["-l", "--files", "--files-with-matches", "--files-without-match"],
  },
  { names: "strings", options: "-afow -n= -t= -e= -# --all --bytes= --radix= --print-file-name", operands: "read*", tolerant: true },
  { names: "od", options: "-abcdfhiloxsv -A= -j= -N= -t= -w?= --address-radix= --format= --skip-bytes= --read-bytes=", operands: "read*" },
  { names: "hexdump hd", options: "-bcCdovx -n= -s=", operands: "read*" },
  { names: "xxd", options: "-abCeiu -c= -g= -l= -s= -p", operands: "read" },
  { names: "base64 base32", options: "-di -w= --decode --ignore-garbage --wrap=", operands: "read" },
  {
    names: "md5sum sha1sum sha224sum sha256sum sha384sum sha512sum b2sum cksum sum",
    options: "-bctwsr -a= --binary --text --check --quiet --status --tag --algorithm=",
    operands: "read*",
    tolerant: true,
  },
];
