import type { Spec } from "./spec.ts";

/** Commands that tell about files, processes and the machine. */
export const systemCommands: Spec[] = [
  {
    names: "ls dir vdir",
    options:
      "-aAbBcCdDfFgGhHiklLmnNopqQrRsStuUvxXZ1 -I= -w= -T= --all --almost-all --author --escape --block-size= --color?= --directory --classify?= --file-type --format= --full-time --group-directories-first --no-group --human-readable --si --dereference --hide= --hyperlink?= --indicator-style= --inode --ignore= --kibibytes --numeric-uid-gid --literal --hide-control-chars --quote-name --quoting-style= --reverse --recursive --size --sort= --time= --time-style= --tabsize= --width= --context --zero",
    operands: "list*",
    tolerant: true,
  },
  { names: "stat", options: "-LftxrsF -c= --dereference --file-system --format= --printf= --terse", operands: "list*", tolerant: true },
  {
    names: "file",
    options: "-bihkLNnr0 -F= --brief --mime --mime-type --mime-encoding --dereference --no-dereference --separator= --keep-going",
    operands: "list*",
  },
  {
    names: "du",
    options:
      "-0abcDhHklLmPsSx -d= -t= -B= --all --apparent-size --bytes --total --human-readable --si --max-depth= --summarize --separate-dirs --one-file-system --exclude= --threshold= --block-size= --time?= --time-style= --inodes --dereference --null",
    operands: "list*",
    tolerant: true,
  },
  {
    names: "df",
    options:
      "-ahHiklmPTv -B= -t= -x= --all --human-readable --si --inodes --local --portability --print-type --type= --exclude-type= --total --output?= --block-size=",
    operands: "list*",
  },
  {
    names: "tree",
    options:
      "-adfilxpqrstuvchDFSNQUACnJX -L= -I= -P= --dirsfirst --filesfirst --gitignore --noreport --prune --charset= --filelimit= --si --du --sort= --matchdirs --inodes --device --timefmt= --metafirst --ignore-case --nolinks",
    operands: "list*",
  },
  { names: "basename", options: "-az -s= --multiple --suffix= --zero", operands: "any*", tolerant: true, anything: true },
  { names: "dirname", options: "-z --zero", operands: "any*", tolerant: true, anything: true },
  {
    names: "realpath",
    options:
      "-eELmPqsz --canonicalize-existing --canonicalize-missing --no-symlinks --strip --logical --physical --quiet --zero --relative-to= --relative-base=",
    operands: "list*",
    tolerant: true,
  },
  {
    names: "readlink",
    options: "-efmnqsvz --canonicalize --canonicalize-existing --canonicalize-missing --no-newline",
    operands: "list*",
    tolerant: true,
  },
  { names: "which", options: "-as --all", operands: "any*" },
  { names: "whereis", options: "-bmsul", operands: "any*" },
  { names: "pwd", options: "-LP --logical --physical", operands: "", builtin: true },
  { names: "whoami logname tty nproc arch groups", options: "--all --silent", operands: "" },
  { names: "id", options: "-agGnruzZ --group --groups --name --real --user --zero", operands: "any*" },
  {
    names: "uname",
    options:
      "-amnrsvpio --all --kernel-name --nodename --kernel-release --kernel-version --machine --processor --hardware-platform --operating-system",
    operands: "",
  },
  { names: "uptime", options: "-psV --pretty --since", operands: "" },
  { names: "hostname", options: "-adfiIsyA --all-fqdns --domain --fqdn --long --short --ip-address --all-ip-addresses", operands: "" },
  { names: "cal ncal", options: "-1359AbehjJmMwy3 -A= -B= -m= -n=", operands: "any any any" },
  { names: "free", options: "-bkmghltvw -c= --bytes --kibi --mebi --gibi --human --si --total --wide --lohi", operands: "" },
  { names: "vmstat", options: "-asdDmntw -S=", operands: "number number" },
  {
    names: "pgrep",
    options:
      "-acdfilnovwx -d= -u= -U= -P= -g= -G= -t= -s= --list-name --list-full --full --count --newest --oldest --exact --ignore-case --euid= --parent=",
    operands: "any",
  },
  { names: "pstree", options: "-aAcgGhHlnNpsStTuUZ", operands: "any*" },
  { names: "lscpu", options: "-abceJpxyB --all --json --extended?= --parse?=", operands: "" },
  { names: "lsblk", options: "-abdfDilmnOpPrstJS -o= -e= --all --json --fs --output= --list --paths", operands: "any*" },
  { names: "lsof", options: "-nPtlUVR -i?= -p= -u= -c=", operands: "list*" },
  { names: "ss", options: "-ntulpaeomi4srxHOw6 --tcp --udp --listening --numeric --processes --all --summary", operands: "" },
  { names: "netstat", options: "-ntulpaeorsiv46 --tcp --udp --listening --numeric --all", operands: "" },
  { names: "last lastlog who w users", options: "-abdHlmpqrstTuwhsfi", operands: "" },
  { names: "locale", options: "-amck --all-locales", operands: "any*" },
  { names: "getconf", options: "-a", operands: "any list" },
  { names: "seq", options: "-w -f= -s= --equal-width --separator= --format=", operands: "number number number" },
  { names: "sleep", options: "", operands: "number" },
  {
    names: "numfmt",
    options: "--to= --from= --field= --suffix= --padding= --header?= --format= -d= --delimiter= --grouping --round=",
    operands: "any*",
  },
  { names: "factor", options: "", operands: "number*" },
  { names: "true false :", options: "", operands: "any*", builtin: true, anything: true, tolerant: true },
  { names: "echo", builtin: true, special: () => "other" },
];
