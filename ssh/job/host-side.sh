# shellcheck shell=sh
# The request's own variables are assigned in front of this text; what single quotes hold is for another shell.
# shellcheck disable=SC2154,SC2016,SC2089,SC2090
# The side of a job that runs on its host: POSIX sh with the usual small programs, nothing installed.
#
# docs/jobs.md tells what it keeps where. The text is sent with every request in the variable tssh_lib and evaluated by
# a shell whose input has ended; its copy in a job's directory, with the name of a role as argument, is what runs the
# supervisor, the guard, the killer and, up to its exec, the job itself. Nothing here starts by being defined.
#
# Every state is one atomic operation on a name: a symbolic link whose text is the record, or the name that a prepared
# file is renamed to. Neither needs space for content, so that a full disk cannot tear one.

# Text to stdout, as it is. The printf of some ksh is a program, whose arguments anybody could read.
tssh_put() {
  # shellcheck disable=SC3044,SC2039
  if [ -n "${KSH_VERSION-}" ]; then print -rn -- "$1"; else printf %s "$1"; fi
}

tssh_line() {
  tssh_put "$1
"
}

tssh_fail() {
  tssh_line "$tssh_nonce error $1 $2"
  exit 0
}

# What a failed operation on the file system said becomes a type of failure.
tssh_fail_fs() {
  case $1 in
    *"o space left"* | *uota* | *"o inode"*) tssh_fail SshJobNoSpace "$2: $1" ;;
    *"ead-only"* | *"ermission denied"* | *"not permitted"*) tssh_fail SshJobReadOnly "$2: $1" ;;
    *"ile exists"* | *"ot a directory"*) tssh_fail SshJobUnsafeDirectory "$2: $1" ;;
    *) tssh_fail SshJobStartFailed "$2: ${1:-failed without a word}" ;;
  esac
}

tssh_link_text() {
  readlink "$1" 2>/dev/null
}

# Not every sleep knows fractions: the first that fails tells.
tssh_sleep_ms() {
  if [ -n "$tssh_fine" ]; then
    tssh_f=$((1000 + $1 % 1000))
    sleep "$(($1 / 1000)).${tssh_f#1}" 2>/dev/null && return
    tssh_fine=
  fi
  sleep $((($1 + 999) / 1000))
}

# For people only: 0 or nothing where it cannot be told.
tssh_time() {
  date +%s 2>/dev/null || tssh_put 0
}

tssh_prepare_shell() {
  umask 077
  # For what programs say when they fail; a job gets its own back.
  tssh_lc=${LC_ALL-unset}
  LC_ALL=C
  export LC_ALL
  unset TIME_STYLE CDPATH TEMPORAL_SSH_JOB
  PATH=${PATH:-/usr/local/bin:/usr/bin:/bin}
  tssh_proc=${tssh_proc:-/proc}
  tssh_fine=1
  tssh_sure=:
  tssh_bootid=
  tssh_read_line "${tssh_bootfile:-$tssh_proc/sys/kernel/random/boot_id}" && tssh_bootid=$tssh_text
  if [ -z "$tssh_bootid" ]; then tssh_bootid=$(sysctl -n kern.bootsessionuuid 2>/dev/null); fi
  if [ -z "$tssh_bootid" ]; then tssh_bootid=$(sysctl -n kern.boottime 2>/dev/null | tr -cd 0-9); fi
  tssh_bootid=${tssh_bootid:-none}
}

tssh_read_line() {
  tssh_text=
  { IFS= read -r tssh_text <"$1"; } 2>/dev/null
  [ -n "$tssh_text" ]
}

# --- processes ---

# What is known of process $1: tssh_st its start (empty if there is no such process, or only its remains), tssh_pp its
# parent, tssh_pg its group, tssh_se its session, tssh_nm its name. The name may hold spaces, brackets and newlines.
tssh_stat() {
  tssh_st='' tssh_pp='' tssh_pg='' tssh_se='' tssh_nm=''
  tssh_all=''
  if [ -d "$tssh_proc/self" ]; then
    { while IFS= read -r tssh_l; do tssh_all="$tssh_all $tssh_l"; done <"$tssh_proc/$1/stat"; } 2>/dev/null
    [ -n "$tssh_all" ] || return 1
    tssh_nm=${tssh_all#*"("}
    tssh_nm=${tssh_nm%")"*}
    # shellcheck disable=SC2086
    set -- ${tssh_all##*") "}
    case $1 in Z | X | x) return 1 ;; esac
    tssh_pp=$2 tssh_pg=$3 tssh_se=$4 tssh_st=${20}
  else
    # shellcheck disable=SC2046
    set -- $(ps -o stat= -o ppid= -o pgid= -o sess= -o lstart= -p "$1" 2>/dev/null)
    case ${1-} in '' | Z*) return 1 ;; esac
    tssh_pp=$2 tssh_pg=$3 tssh_se=$4
    shift 4
    tssh_st=$(tssh_put "$*" | tr -c 'A-Za-z0-9\n' _)
  fi
}

tssh_lives() {
  [ -n "$1" ] && [ -n "$2" ] && tssh_stat "$1" && [ "$tssh_st" = "$2" ]
}

# Runs its arguments in a session of its own that nobody waits for. Without `&`, which would leave SIGINT and SIGQUIT
# ignored for good: the first setsid makes a group leader, for which the second has to fork.
tssh_detach() {
  if command -v setsid >/dev/null 2>&1; then
    setsid setsid "$@"
  else
    perl -MPOSIX -e 'defined(my $p = fork) or exit 1; exit 0 if $p; POSIX::setsid(); exec @ARGV; exit 126' "$@"
  fi </dev/null >/dev/null 2>&1
}

# --- what is known of a job ---

# A directory of ours: no link, our own, closed to all others. Looked at once a request, unless it was just made.
tssh_is_ours() {
  [ -d "$1" ] && [ ! -h "$1" ] || return 1
  case $tssh_sure in *:"$1":*) return 0 ;; esac
  # shellcheck disable=SC3067
  [ -O "$1" ] || return 1
  # shellcheck disable=SC2012
  case $(ls -ld "$1" 2>/dev/null) in drwx------*) ;; *) return 1 ;; esac
  tssh_sure=$tssh_sure$1:
}

tssh_find_root() {
  [ -n "$tssh_root" ] && return 0
  case ${XDG_STATE_HOME-} in
    /*) tssh_root=$XDG_STATE_HOME/temporal-ssh ;;
    *)
      case ${HOME-} in
        /*) tssh_root=$HOME/.local/state/temporal-ssh ;;
        *) tssh_fail SshJobStartFailed 'HOME is not set, and no jobDirectory is given' ;;
      esac
      ;;
  esac
}

tssh_make_root() {
  tssh_find_root
  if [ ! -d "$tssh_root" ] && [ ! -h "$tssh_root" ]; then
    tssh_m=$({ mkdir -p "${tssh_root%/*}" && mkdir "$tssh_root"; } 2>&1) || [ -d "$tssh_root" ] ||
      tssh_fail_fs "$tssh_m" "cannot make $tssh_root"
  fi
  tssh_check_root
}

tssh_check_root() {
  if [ -e "$tssh_root" ] || [ -h "$tssh_root" ]; then
    tssh_is_ours "$tssh_root" ||
      tssh_fail SshJobUnsafeDirectory "$tssh_root is a link, another user's, or open to others"
  fi
}

tssh_name_job() {
  tssh_id=$1
  case $tssh_id in
    '' | .* | *[!A-Za-z0-9._-]*) tssh_fail SshJobStartFailed 'the id of the job has characters that no id may have' ;;
  esac
  tssh_d=$tssh_root/$tssh_id
}

tssh_is_number() {
  case $1 in '' | *[!0-9]*) return 1 ;; esac
}

# The one place that derives the state of the job tssh_id.
tssh_look() {
  tssh_state='' tssh_kind='' tssh_code='' tssh_started='' tssh_ended='' tssh_why='' tssh_said='' tssh_left=''
  tssh_pid='' tssh_pst='' tssh_wpid='' tssh_wst='' tssh_jboot='' tssh_jdigest='' tssh_try='' tssh_a=''
  tssh_outsize=0 tssh_errsize=0
  if [ -h "$tssh_root/.tomb/$tssh_id" ]; then
    tssh_parse_tomb
    return
  fi
  if [ ! -e "$tssh_d" ] && [ ! -h "$tssh_d" ]; then
    tssh_state=absent
    return
  fi
  if ! tssh_is_ours "$tssh_d"; then
    tssh_state=tampered
    return
  fi
  if [ -h "$tssh_d/cancel" ]; then
    tssh_text=$(tssh_link_text "$tssh_d/cancel")
    case $tssh_text in
      cancel:*:* | deadline:*:* | lease:*:* | log-limit:*:*)
        tssh_why=${tssh_text%%:*} tssh_text=${tssh_text#*:}
        tssh_said=${tssh_text#*:}
        ;;
    esac
  fi
  if [ -h "$tssh_d/killed" ]; then tssh_left=$(tssh_link_text "$tssh_d/killed"); fi
  if [ ! -h "$tssh_d/gate" ]; then
    # It may have been removed between two looks.
    if [ -e "$tssh_d/gate" ]; then tssh_state=tampered; else tssh_state=new; fi
    return
  fi
  tssh_parse_gate "$(tssh_link_text "$tssh_d/gate")"
}

tssh_parse_tomb() {
  tssh_text=$(tssh_link_text "$tssh_root/.tomb/$tssh_id")
  tssh_state=gone
  tssh_ifs=$IFS
  IFS=:
  # shellcheck disable=SC2086
  set -- $tssh_text
  IFS=$tssh_ifs
  [ "${1-}" = v1 ] || return 0
  case ${2-} in E | S | U | A) tssh_kind=$2 ;; esac
  tssh_is_number "${3-}" && tssh_code=$3
  tssh_is_number "${4-}" && tssh_started=$4
  tssh_is_number "${5-}" && tssh_ended=$5
  tssh_jdigest=${6-}
  tssh_is_number "${7-}" && tssh_outsize=$7
  tssh_is_number "${8-}" && tssh_errsize=$8
  tssh_why=${9-}
}

tssh_parse_gate() {
  case $1 in
    v1:void:*)
      tssh_state=void tssh_why=cancel
      tssh_text=${1#v1:void:}
      tssh_ended=${tssh_text%%:*} tssh_said=${tssh_text#*:}
      tssh_is_number "$tssh_ended" || tssh_ended=
      return
      ;;
    v1:run:*) ;;
    *)
      tssh_state=tampered
      return
      ;;
  esac
  tssh_ifs=$IFS
  IFS=:
  # shellcheck disable=SC2086
  set -- $1
  IFS=$tssh_ifs
  tssh_try=${3-} tssh_pid=${4-} tssh_pst=${5-} tssh_jboot=${6-} tssh_wpid=${7-} tssh_wst=${8-} tssh_jdigest=${9-}
  tssh_started=${10-}
  tssh_a=$tssh_d/$tssh_try
  case $tssh_try in a*[!a-z0-9-]* | [!a]* | '') tssh_state=tampered ;; esac
  if [ "$tssh_state" = tampered ] || ! tssh_is_number "$tssh_pid" || ! tssh_is_number "$tssh_wpid" ||
    ! tssh_is_number "${tssh_started:-0}" || ! tssh_is_ours "$tssh_a"; then
    tssh_state=tampered
    return
  fi
  tssh_judge
}

# The state of a job that was claimed. It is asked again and again while one is followed: no program is started here.
tssh_judge() {
  tssh_state=''
  if [ ! -f "$tssh_a/out" ] || [ -h "$tssh_a/out" ] || [ ! -f "$tssh_a/err" ] || [ -h "$tssh_a/err" ]; then
    tssh_state=tampered
    return
  fi
  tssh_record && return
  if [ "$tssh_jboot" != "$tssh_bootid" ]; then
    tssh_state=lost-reboot
    return
  fi
  if tssh_lives "$tssh_pid" "$tssh_pst"; then
    if tssh_lives "$tssh_wpid" "$tssh_wst"; then tssh_state=running; else tssh_state=orphan; fi
  elif tssh_lives "$tssh_wpid" "$tssh_wst"; then
    tssh_state=finishing
  else
    # A supervisor writes the record before it ends.
    tssh_record || tssh_state=lost-supervisor
  fi
}

tssh_record() {
  for tssh_r in "$tssh_a"/exit.*; do
    [ -e "$tssh_r" ] || [ -h "$tssh_r" ] || return 1
    tssh_text=${tssh_r##*/exit.}
    tssh_kind=${tssh_text%%.*}
    tssh_text=${tssh_text#*.}
    tssh_code=${tssh_text%%.*} tssh_ended=${tssh_text#*.}
    tssh_state='done'
    case $tssh_kind in E | S | U | A) ;; *) tssh_state=tampered ;; esac
    if ! tssh_is_number "$tssh_code" || ! tssh_is_number "${tssh_ended:-0}" || [ -h "$tssh_r" ] || [ ! -f "$tssh_r" ]; then
      tssh_state=tampered tssh_kind='' tssh_code='' tssh_ended=''
    fi
    return 0
  done
}

tssh_is_over() {
  case $tssh_state in running | orphan | finishing | new) return 1 ;; esac
}

tssh_sizes() {
  [ -n "$tssh_a" ] || return 0
  # shellcheck disable=SC2046,SC2012
  set -- $(cd "$tssh_a" && ls -lnd err out 2>/dev/null)
  tssh_errsize=${5:-0}
  while [ $# -gt 0 ] && [ "$1" != err ]; do shift; done
  [ $# -gt 0 ] && shift
  tssh_outsize=${5:-0}
}

tssh_fields() {
  tssh_text="id=$tssh_id state=$tssh_state out=$tssh_outsize err=$tssh_errsize boot=$tssh_bootid"
  [ -n "$tssh_kind" ] && tssh_text="$tssh_text kind=$tssh_kind code=$tssh_code"
  [ -n "$tssh_started" ] && tssh_text="$tssh_text started=$tssh_started"
  [ -n "$tssh_ended" ] && tssh_text="$tssh_text ended=$tssh_ended"
  [ -n "$tssh_pid" ] && tssh_text="$tssh_text pid=$tssh_pid waiter=$tssh_wpid"
  [ -n "$tssh_why" ] && tssh_text="$tssh_text why=$tssh_why"
  [ -n "$tssh_said" ] && tssh_text="$tssh_text reason=$tssh_said"
  [ -n "$tssh_left" ] && tssh_text="$tssh_text left=$tssh_left"
  [ -n "${tssh_new-}" ] && tssh_text="$tssh_text new=1"
  [ -n "${tssh_shas-}" ] && tssh_text="$tssh_text $tssh_shas"
  tssh_text="$tssh_text dir=$tssh_d"
}

tssh_print_state() {
  tssh_fields
  tssh_line "$tssh_nonce state $tssh_text"
}

# Somebody asks for the job: its lease begins anew. A rename, which also a full disk allows.
tssh_renew() {
  if [ -n "$tssh_a" ] && [ -e "$tssh_a/asked.no" ]; then mv -f "$tssh_a/asked.no" "$tssh_a/asked.yes" 2>/dev/null; fi
}

# --- starting ---

tssh_start() {
  tssh_make_root
  tssh_name_job "$tssh_ids"
  tssh_look
  tssh_round=0
  while [ "$tssh_state" = absent ] || [ "$tssh_state" = new ]; do
    if [ -n "$tssh_boot" ] && [ "$tssh_boot" != "$tssh_bootid" ]; then
      tssh_fail SshJobHostRebooted "the boot id is $tssh_bootid, and not $tssh_boot"
    fi
    tssh_round=$((tssh_round + 1))
    [ "$tssh_round" -le 3 ] || tssh_fail SshJobStartFailed 'the supervisor of the job did not begin within 30 s'
    tssh_attempt
  done
  if [ "$tssh_state" != void ] && [ -n "$tssh_jdigest" ] && [ "$tssh_jdigest" != "$tssh_digest" ]; then
    tssh_fail SshJobConflict "another job has the id $tssh_id in $tssh_d"
  fi
}

tssh_check_programs() {
  command -v setsid >/dev/null 2>&1 || command -v perl >/dev/null 2>&1 ||
    tssh_fail SshJobUnsupported 'neither setsid nor perl is there'
  for tssh_p in readlink dd ls mv date grep; do
    command -v "$tssh_p" >/dev/null 2>&1 || tssh_fail SshJobUnsupported "$tssh_p is not there"
  done
  command -v "$tssh_shell" >/dev/null 2>&1 || tssh_fail SshJobStartFailed "the shell $tssh_shell is not there"
  [ -z "$tssh_nice" ] || command -v nice >/dev/null 2>&1 || tssh_fail SshJobUnsupported 'nice is not there'
  [ -z "$tssh_ioclass" ] || command -v ionice >/dev/null 2>&1 || tssh_fail SshJobUnsupported 'ionice is not there'
  if [ -n "$tssh_cwd" ] && ! (cd "$tssh_cwd") >/dev/null 2>&1; then
    tssh_fail SshJobStartFailed "the directory $tssh_cwd cannot be entered"
  fi
}

# One try to start: everything is written first, then the supervisor is let go, whose job makes the claim by itself.
tssh_attempt() {
  tssh_check_programs
  if tssh_m=$(mkdir "$tssh_d" 2>&1); then
    tssh_sure=$tssh_sure$tssh_d:
  elif [ ! -d "$tssh_d" ]; then
    tssh_fail_fs "$tssh_m" "cannot make $tssh_d"
  fi
  tssh_is_ours "$tssh_d" || tssh_fail SshJobUnsafeDirectory "$tssh_d is a link, another user's, or open to others"
  tssh_try=a$tssh_nonce-$tssh_round
  tssh_a=$tssh_d/$tssh_try
  tssh_m=$(tssh_write_files 2>&1) || {
    # A shell may not say why it could not write; this program does.
    tssh_m="$tssh_m $(tssh_put "$tssh_lib" 2>/dev/null | { cat >"$tssh_a/probe"; } 2>&1)"
    rm -rf "$tssh_a"
    rmdir "$tssh_d" 2>/dev/null
    tssh_fail_fs "$tssh_m" "cannot write into $tssh_a"
  }
  tssh_sure=$tssh_sure$tssh_a:
  tssh_export_all
  tssh_detach /bin/sh "$tssh_a/run" waiter || tssh_fail SshJobUnsupported 'no session of its own could be made'
  tssh_waited=0
  while [ ! -h "$tssh_d/gate" ] && [ "$tssh_waited" -lt "${tssh_patience:-10000}" ]; do
    tssh_failed_before_claim
    tssh_sleep_ms 3
    tssh_waited=$((tssh_waited + 3))
    [ -n "$tssh_fine" ] || tssh_waited=$((tssh_waited + 997))
    [ -d "$tssh_d" ] || break
  done
  tssh_failed_before_claim
  tssh_own=$tssh_try
  tssh_look
  if [ "$tssh_try" = "$tssh_own" ]; then tssh_new=1; fi
}

# The size is looked at, because not every shell says so when a disk is full.
tssh_write_files() {
  mkdir "$tssh_a" && cd "$tssh_a" || return 1
  tssh_put "$tssh_lib
tssh_\"\$1\"
" >run && tssh_put "$tssh_script" >script && tssh_put "$tssh_env
" >environment && : >out && : >err && : >x.pre || return 1
  if [ -n "$tssh_has_stdin" ]; then tssh_put "$tssh_stdin" >stdin || return 1; fi
  if [ -n "$tssh_lease" ]; then : >asked.no || return 1; fi
  # shellcheck disable=SC2046,SC2012
  set -- $(ls -ln run script 2>/dev/null)
  tssh_n=${5:-0}
  while [ $# -gt 0 ] && [ "$1" != run ]; do shift; done
  [ $# -gt 0 ] && shift
  # In the C locale a character is a byte (not for every shell, hence no equality); the last line of run has 11.
  if [ "$tssh_n" -lt $((${#tssh_lib} + 11)) ] || [ "${5:-0}" -lt ${#tssh_script} ]; then
    echo 'No space left on device' >&2
    return 1
  fi
}

tssh_failed_before_claim() {
  for tssh_r in "$tssh_a"/fail.*; do
    [ -e "$tssh_r" ] || return 0
    tssh_text=${tssh_r##*/fail.}
    rm -rf "$tssh_a"
    rmdir "$tssh_d" 2>/dev/null
    tssh_fail "${tssh_text%%.*}" "the job could not be set up: ${tssh_text#*.}"
  done
}

tssh_export_all() {
  export tssh_sure tssh_root tssh_id tssh_d tssh_a tssh_try tssh_proc tssh_bootfile tssh_bootid tssh_fine tssh_lc
  export tssh_digest tssh_shell tssh_cwd tssh_umask tssh_has_stdin tssh_nice tssh_ioclass
  export tssh_deadline tssh_lease tssh_maxlog tssh_grace
}

# --- the supervisor, and the job up to its exec ---

# The only one who learns how the job ended, because it is its parent. awk can tell exit 143 from the end by TERM, a
# shell cannot; that it is no awk that forgets the signal is tried first.
tssh_waiter() {
  umask 077
  cd "$tssh_a" || exit 1
  tssh_stat $$
  tssh_wpid=$$ tssh_wst=$tssh_st
  export tssh_wpid tssh_wst
  if [ -n "$tssh_deadline$tssh_lease$tssh_maxlog" ]; then /bin/sh "$tssh_a/run" guard & fi
  if command -v setsid >/dev/null 2>&1; then
    tssh_go='exec setsid /bin/sh "$tssh_a/run" job'
  else
    tssh_go='exec perl -MPOSIX -e "POSIX::setsid(); exec @ARGV; exit 126" /bin/sh "$tssh_a/run" job'
  fi
  export tssh_go
  if command -v awk >/dev/null 2>&1; then
    # shellcheck disable=SC2016
    exec awk 'BEGIN {
      go = ENVIRON["tssh_go"]
      if (system("kill -9 $$") == 0) { system("exec /bin/sh \"$tssh_a/run\" guess"); exit }
      r = system(go)
      k = "E"; c = r
      if (r < 0) { k = "U"; c = 0 }
      else if (r != int(r)) { k = "S"; c = r * 256; if (c > 128) c -= 128 }
      else if (r >= 512) { k = "S"; c = r - 512 }
      else if (r >= 256) { k = "S"; c = r - 256 }
      system("exec mv x.pre exit." k "." int(c) ".$(date +%s || echo 0)")
    }'
  fi
  tssh_guess
}

# Without an awk that tells. Some `time` names the signal in words; else what may be either is called so.
tssh_guess() {
  cd "$tssh_a" || exit 1
  tssh_kind=E
  command time -o how /bin/sh -c 'kill -9 $$' >/dev/null 2>&1
  if [ "$(tssh_signal_told)" = 9 ]; then
    rm -f how
    command time -o how /bin/sh -c "$tssh_go"
    tssh_code=$?
    tssh_m=$(tssh_signal_told)
    if [ -n "$tssh_m" ]; then tssh_kind=S tssh_code=$tssh_m; fi
    # Without a word it was ended itself, while the job may live on.
    [ -s how ] || [ "$tssh_code" -le 128 ] || exit 0
    rm -f how
  else
    rm -f how
    (eval "$tssh_go")
    tssh_code=$?
    [ "$tssh_code" -le 128 ] || tssh_kind=A
  fi
  mv x.pre "exit.$tssh_kind.$tssh_code.$(tssh_time)"
}

tssh_signal_told() {
  tssh_read_line how || return 0
  case $tssh_text in "Command terminated by signal "[0-9]*) tssh_put "${tssh_text#Command terminated by signal }" ;; esac
}

# Ends a try that has not claimed the job. The name tells why, which also a full disk allows.
tssh_no_claim() {
  mv "$tssh_a/x.pre" "$tssh_a/fail.$1.$2"
  exit 0
}

tssh_job() {
  cd "$tssh_a" || exit 1
  exec >>out 2>>err || tssh_no_claim SshJobStartFailed 'the logs cannot be written'
  if [ -n "$tssh_has_stdin" ]; then exec <stdin; else exec </dev/null; fi
  exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
  tssh_stat $$
  tssh_claim="v1:run:$tssh_try:$$:$tssh_st:$tssh_bootid:$tssh_wpid:$tssh_wst:$tssh_digest:$(tssh_time)"
  set -- "$tssh_shell" "$tssh_a/script"
  if [ -n "$tssh_ioclass" ]; then set -- "$(command -v ionice)" -c "$tssh_ioclass" "$@"; fi
  if [ -n "$tssh_nice" ]; then set -- "$(command -v nice)" -n "$tssh_nice" "$@"; fi
  if [ -n "$tssh_cwd" ]; then
    cd "$tssh_cwd" 2>/dev/null || tssh_no_claim SshJobStartFailed 'its directory cannot be entered'
  else
    cd "${HOME:-/}" 2>/dev/null || cd /
  fi
  # What the program said may be lost where the link is not: its text decides.
  if ! tssh_m=$(ln -s "$tssh_claim" "$tssh_d/gate" 2>&1) && [ "$(tssh_link_text "$tssh_d/gate")" != "$tssh_claim" ]; then
    # Another try has it, or a cancel.
    if [ -h "$tssh_d/gate" ] || [ -h "$tssh_root/.tomb/$tssh_id" ]; then
      rm -rf "$tssh_a"
      exit 0
    fi
    case $tssh_m in
      *"o space left"* | *uota* | *"o inode"*) tssh_no_claim SshJobNoSpace 'no space for its claim' ;;
      *) tssh_no_claim SshJobReadOnly 'its claim cannot be written' ;;
    esac
  fi
  # A clean-up may have come in between: it leaves its tombstone before it removes a gate.
  if [ -h "$tssh_root/.tomb/$tssh_id" ]; then
    rm -rf "$tssh_d"
    exit 0
  fi
  TEMPORAL_SSH_JOB=$tssh_id.$tssh_try
  export TEMPORAL_SSH_JOB
  if [ "$tssh_lc" = unset ]; then unset LC_ALL; else LC_ALL=$tssh_lc; fi
  umask "${tssh_umask:-$tssh_login_umask}"
  set -- "$tssh_a/environment" "$@"
  unset tssh_sure tssh_root tssh_id tssh_d tssh_a tssh_try tssh_proc tssh_bootfile tssh_bootid tssh_fine tssh_lc tssh_digest \
    tssh_shell tssh_cwd tssh_umask tssh_login_umask tssh_has_stdin tssh_nice tssh_ioclass tssh_deadline tssh_lease \
    tssh_maxlog tssh_grace tssh_wpid tssh_wst tssh_go
  # shellcheck disable=SC1090
  . "$1"
  shift
  exec "$@"
}

# --- guards ---

# Counts its own sleeps: a clock that jumps ends no job.
tssh_guard() {
  trap '' HUP INT QUIT
  tssh_ticks=0 tssh_unasked=0
  while :; do
    sleep 1
    tssh_ticks=$((tssh_ticks + 1)) tssh_unasked=$((tssh_unasked + 1))
    [ -d "$tssh_a" ] || exit 0
    if [ "$tssh_ticks" -eq 1 ] || [ "$tssh_state" = new ]; then
      tssh_own=$tssh_try tssh_dir=$tssh_a
      tssh_look
      [ "$tssh_state" != new ] || { tssh_try=$tssh_own tssh_a=$tssh_dir; }
      [ "$tssh_try" = "$tssh_own" ] || exit 0
    else
      tssh_judge
    fi
    if [ "$tssh_state" = new ]; then
      [ "$tssh_ticks" -lt 120 ] || exit 0
      continue
    fi
    if tssh_is_over; then exit 0; fi
    if [ -e "$tssh_a/asked.yes" ]; then
      mv -f "$tssh_a/asked.yes" "$tssh_a/asked.no"
      tssh_unasked=0
    fi
    if [ -n "$tssh_deadline" ] && [ "$tssh_ticks" -ge "$tssh_deadline" ]; then tssh_end_job deadline; fi
    if [ -n "$tssh_lease" ] && [ "$tssh_unasked" -ge "$tssh_lease" ]; then tssh_end_job lease; fi
    if [ -n "$tssh_maxlog" ]; then
      tssh_sizes
      if [ "$tssh_outsize" -gt "$tssh_maxlog" ] || [ "$tssh_errsize" -gt "$tssh_maxlog" ]; then
        tssh_end_job log-limit
      fi
    fi
  done
}

tssh_end_job() {
  tssh_why=$1 tssh_reason=''
  tssh_killer
  exit 0
}

# --- cancelling ---

# The processes of the job: its group and session, all that carry its cookie, the children of all of them, and whoever was
# found before (tssh_known). Group and session are numbers that can come again: they count while somebody in them is
# known to be the job's. tssh_found gets the pids, tssh_named the same with names.
tssh_members() {
  tssh_cookies=' ' tssh_table=''
  if [ -d "$tssh_proc/self" ]; then
    # Not every grep reads beyond a NUL of its own accord.
    tssh_m=-lF
    if tssh_put x | grep -qz x 2>/dev/null; then tssh_m=-lzF; fi
    for tssh_p in $(cd "$tssh_proc" && grep "$tssh_m" "TEMPORAL_SSH_JOB=$tssh_id.$tssh_try" [0-9]*/environ 2>/dev/null); do
      tssh_cookies="$tssh_cookies${tssh_p%/environ} "
    done
    set -- "$tssh_proc"/[0-9]*
  else
    # shellcheck disable=SC2046
    set -- $(ps -A -o pid=)
  fi
  tssh_trust=''
  if tssh_lives "$tssh_pid" "$tssh_pst"; then tssh_trust=1; fi
  for tssh_p; do
    tssh_p=${tssh_p##*/}
    tssh_stat "$tssh_p" || continue
    case $tssh_nm in *[!A-Za-z0-9._/-]*) tssh_nm=${tssh_nm%%[!A-Za-z0-9._/-]*}... ;; esac
    tssh_table="$tssh_table $tssh_p:$tssh_pp:$tssh_pg:$tssh_se:$tssh_st:$tssh_nm"
    case $tssh_cookies in *" $tssh_p "*) if [ "$tssh_se" = "$tssh_pid" ]; then tssh_trust=1; fi ;; esac
  done
  tssh_found=' ' tssh_named=''
  tssh_more=1
  while [ -n "$tssh_more" ]; do
    tssh_more=''
    for tssh_row in $tssh_table; do
      tssh_p=${tssh_row%%:*} tssh_rest=${tssh_row#*:}
      case $tssh_found in *" $tssh_p "*) continue ;; esac
      tssh_pp=${tssh_rest%%:*} tssh_rest=${tssh_rest#*:}
      tssh_pg=${tssh_rest%%:*} tssh_rest=${tssh_rest#*:}
      tssh_se=${tssh_rest%%:*} tssh_rest=${tssh_rest#*:}
      tssh_st=${tssh_rest%%:*} tssh_nm=${tssh_rest#*:}
      tssh_is=''
      case $tssh_known in *" $tssh_p:$tssh_st "*) tssh_is=1 ;; esac
      case $tssh_cookies in *" $tssh_p "*) tssh_is=1 ;; esac
      case $tssh_found in *" $tssh_pp "*) tssh_is=1 ;; esac
      if [ -n "$tssh_trust" ] && { [ "$tssh_pg" = "$tssh_pid" ] || [ "$tssh_se" = "$tssh_pid" ]; }; then tssh_is=1; fi
      [ -n "$tssh_is" ] || continue
      tssh_found="$tssh_found$tssh_p " tssh_known="$tssh_known$tssh_p:$tssh_st " tssh_more=1
      tssh_named="$tssh_named${tssh_named:+,}$tssh_p($tssh_nm)"
    done
  done
}

tssh_signal() {
  for tssh_p in $tssh_found; do kill "-$1" "$tssh_p" 2>/dev/null; done
}

# Ends the job tssh_id as tssh_look has found it; leaves the proof.
tssh_killer() {
  trap '' HUP INT QUIT TERM
  tssh_stat $$
  # By renaming: nobody may find none in between. It names the killer, so that it can be seen whether that still works.
  ln -s "$tssh_why:$$ $tssh_st $tssh_bootid:$tssh_reason" "$tssh_d/cancel.$$" 2>/dev/null
  mv -f "$tssh_d/cancel.$$" "$tssh_d/cancel" 2>/dev/null
  tssh_known=' '
  tssh_members
  tssh_signal TERM
  tssh_signal CONT
  tssh_waited=0
  while [ "$tssh_found" != ' ' ] && [ "$tssh_waited" -lt "$((tssh_grace * 1000))" ]; do
    tssh_sleep_ms 50
    tssh_waited=$((tssh_waited + 50))
    [ -n "$tssh_fine" ] || tssh_waited=$((tssh_waited + 950))
    tssh_members
  done
  tssh_rounds=0
  while [ "$tssh_found" != ' ' ] && [ "$tssh_rounds" -lt 10 ]; do
    tssh_signal KILL
    tssh_sleep_ms 100
    tssh_rounds=$((tssh_rounds + 1))
    tssh_members
  done
  ln -s "${tssh_named:-none}" "$tssh_d/killed.$$" 2>/dev/null
  mv -f "$tssh_d/killed.$$" "$tssh_d/killed" 2>/dev/null
}

# As the role of a process of its own: a lost connection must not stop it.
tssh_kill() {
  tssh_look
  if [ -n "$tssh_why" ]; then
    # An earlier killer was killed itself: its reason stays.
    tssh_reason=$tssh_said
    tssh_killer
  elif ! tssh_is_over || [ "$tssh_state" = lost-supervisor ]; then
    tssh_why=$tssh_asked_why
    tssh_killer
  fi
}

# Whether the killer that the job's cancel names is at work.
tssh_killer_lives() {
  tssh_text=$(tssh_link_text "$tssh_d/cancel")
  tssh_text=${tssh_text#*:}
  # shellcheck disable=SC2086
  set -- ${tssh_text%%:*}
  [ "${3-}" = "$tssh_bootid" ] && tssh_lives "${1-}" "${2-}"
}

tssh_cancel() {
  tssh_make_root
  tssh_name_job "$tssh_ids"
  tssh_look
  if [ "$tssh_state" = absent ] || [ "$tssh_state" = new ]; then
    # A late start then finds the gate taken.
    tssh_m=$(mkdir "$tssh_d" 2>&1) || [ -d "$tssh_d" ] || tssh_fail_fs "$tssh_m" "cannot make $tssh_d"
    ln -s "v1:void:$(tssh_time):$tssh_reason" "$tssh_d/gate" 2>/dev/null
    tssh_look
  fi
  # Of a job that was lost its children may live on: only a killer that has looked proves that none does.
  if tssh_is_over && {
    [ "$tssh_left" = none ] || { [ ! -h "$tssh_d/cancel" ] && [ "$tssh_state" != lost-supervisor ]; }
  }; then
    tssh_sizes
    return
  fi
  if [ -h "$tssh_d/cancel" ] && tssh_killer_lives; then
    tssh_await_kill
    return
  fi
  # Of processes that were left. A proof that came just now stays.
  [ -z "$tssh_left" ] || rm -f "$tssh_d/killed"
  tssh_export_all
  export tssh_asked_why tssh_reason
  tssh_detach /bin/sh "$tssh_a/run" kill
  tssh_await_kill 1
}

# The killer is at work, or with an argument about to be: its proof comes after the job's own end.
tssh_await_kill() {
  tssh_waited=0
  while [ ! -h "$tssh_d/killed" ] && [ -d "$tssh_d" ]; do
    if [ -h "$tssh_d/cancel" ]; then
      tssh_killer_lives || [ -h "$tssh_d/killed" ] || { [ -n "${1-}" ] && [ "$tssh_waited" -lt 2000 ]; } || break
    elif [ -z "${1-}" ] || [ "$tssh_waited" -gt 5000 ]; then
      # It ended by itself before the killer looked.
      break
    fi
    tssh_sleep_ms 50
    tssh_waited=$((tssh_waited + 50))
    [ -n "$tssh_fine" ] || tssh_waited=$((tssh_waited + 950))
    if [ "$tssh_op" != cancel ] && [ $((tssh_waited % 2000)) -eq 0 ]; then
      tssh_line "H $tssh_state $tssh_outsize $tssh_errsize"
    fi
  done
  # The supervisor records the end a moment after it.
  tssh_waited=0
  tssh_look
  while [ "$tssh_state" = finishing ] && [ "$tssh_waited" -lt 5000 ]; do
    tssh_sleep_ms 20
    tssh_waited=$((tssh_waited + 20))
    tssh_look
  done
  tssh_sizes
}

# --- following ---

# One range of a log that is open as descriptor 4 (stdout) or 5 (stderr), from where that stands.
tssh_frame() {
  tssh_line "$1 $2 $3"
  if [ "$1" = O ]; then dd bs="$3" count=1 <&4 2>/dev/null; else dd bs="$3" count=1 <&5 2>/dev/null; fi
  tssh_line ''
}

# What a log has beyond a byte, in frames; tssh_at is then its end.
tssh_send() {
  tssh_at=$2
  while [ "$tssh_at" -lt "$3" ]; do
    tssh_n=$(($3 - tssh_at))
    [ "$tssh_n" -le 1048576 ] || tssh_n=1048576
    tssh_frame "$1" "$tssh_at" "$tssh_n"
    tssh_at=$((tssh_at + tssh_n)) tssh_grew=1
  done
}

tssh_drain() {
  tssh_send O "$tssh_out" "$tssh_outsize"
  tssh_out=$tssh_at
  tssh_send E "$tssh_err" "$tssh_errsize"
  tssh_err=$tssh_at
}

tssh_open_logs() {
  exec 4<"$tssh_a/out" 5<"$tssh_a/err" || return 1
  # With a count of 0 a skip in bytes seeks, and reads nothing.
  [ "$1" -eq 0 ] || dd bs=1 skip="$1" count=0 <&4 2>/dev/null
  [ "$2" -eq 0 ] || dd bs=1 skip="$2" count=0 <&5 2>/dev/null
}

tssh_sha() {
  if command -v sha256sum >/dev/null 2>&1; then
    tssh_m=$(sha256sum <"$1")
  elif command -v shasum >/dev/null 2>&1; then
    tssh_m=$(shasum -a 256 <"$1")
  elif command -v openssl >/dev/null 2>&1; then
    tssh_m=$(openssl dgst -sha256 -r <"$1")
  else
    return 1
  fi
  tssh_m=${tssh_m%% *}
}

tssh_sum_logs() {
  tssh_shas=''
  [ -n "$tssh_sums" ] && [ -n "$tssh_a" ] || return 0
  if tssh_sha "$tssh_a/out"; then tssh_shas="sha_out=$tssh_m"; fi
  if tssh_sha "$tssh_a/err"; then tssh_shas="$tssh_shas sha_err=$tssh_m"; fi
}

tssh_last_frame() {
  tssh_fields
  tssh_line "X $tssh_text"
}

tssh_alive() {
  tssh_line "H $tssh_state $tssh_outsize $tssh_errsize"
  tssh_renew
}

# From the job's state to its end. Sizes are read after the end was seen, and again until nothing is new.
tssh_follow() {
  # It is being prepared, or its start was cut off.
  tssh_waited=0
  while [ "$tssh_state" = new ] && [ "$tssh_waited" -lt 10000 ]; do
    tssh_sleep_ms 100
    tssh_waited=$((tssh_waited + 100))
    tssh_look
  done
  [ "$tssh_state" != new ] || tssh_fail SshJobNotFound "the job $tssh_id was never started: its start was cut off"
  tssh_print_state
  case $tssh_state in absent | gone | void) return ;; esac
  tssh_line "$tssh_nonce follow"
  if [ "$tssh_state" = tampered ] || ! tssh_open_logs "$tssh_out" "$tssh_err"; then
    tssh_state=tampered
    tssh_last_frame
    return
  fi
  tssh_renew
  tssh_pause=4 tssh_silent=0
  while :; do
    if ! tssh_is_over; then tssh_judge; fi
    tssh_sizes
    tssh_grew=''
    if [ "$tssh_outsize" -lt "$tssh_out" ] || [ "$tssh_errsize" -lt "$tssh_err" ]; then tssh_state=tampered; fi
    [ "$tssh_state" = tampered ] || tssh_drain
    if tssh_is_over && [ -z "$tssh_grew" ]; then break; fi
    if tssh_is_over; then continue; fi
    if [ -n "$tssh_grew" ]; then tssh_pause=20; fi
    if [ "$tssh_silent" -ge 5000 ]; then
      tssh_alive
      tssh_silent=0
    fi
    tssh_sleep_ms "$tssh_pause"
    tssh_silent=$((tssh_silent + tssh_pause + 3))
    [ -n "$tssh_fine" ] || tssh_silent=$((tssh_silent + 1000))
    tssh_pause=$((tssh_pause * 3 / 2))
    [ "$tssh_pause" -le 500 ] || tssh_pause=500
  done
  if [ "$tssh_state" != tampered ]; then
    if [ -h "$tssh_d/cancel" ]; then
      tssh_line "H $tssh_state $tssh_outsize $tssh_errsize"
      tssh_await_kill
    fi
    tssh_sum_logs
  fi
  tssh_last_frame
}

tssh_log() {
  tssh_sizes
  tssh_print_state
  case $tssh_state in absent | gone | void | new | tampered) return ;; esac
  tssh_renew
  tssh_size=$tssh_outsize
  [ "$tssh_stream" = out ] || tssh_size=$tssh_errsize
  if [ "$tssh_from" -lt 0 ]; then tssh_from=$((tssh_size + tssh_from)); fi
  if [ "$tssh_from" -lt 0 ]; then tssh_from=0; fi
  tssh_n=$((tssh_size - tssh_from))
  [ "$tssh_n" -le "$tssh_length" ] || tssh_n=$tssh_length
  tssh_line "$tssh_nonce follow"
  if [ "$tssh_n" -gt 0 ]; then
    if [ "$tssh_stream" = out ]; then
      tssh_open_logs "$tssh_from" 0
      tssh_frame O "$tssh_from" "$tssh_n"
    else
      tssh_open_logs 0 "$tssh_from"
      tssh_frame E "$tssh_from" "$tssh_n"
    fi
  fi
  tssh_last_frame
}

# --- cleaning up ---

# The tombstone first: a start that was under way for long must not find an empty place.
tssh_bury() {
  if [ "$tssh_state" != gone ]; then
    tssh_sizes
    [ -d "$tssh_root/.tomb" ] || mkdir "$tssh_root/.tomb" 2>/dev/null
    tssh_m=$(ln -s "v1:${tssh_kind:-U}:${tssh_code:-0}:$tssh_started:${tssh_ended:-$(tssh_time)}:$tssh_jdigest:$tssh_outsize:$tssh_errsize:$tssh_why" \
      "$tssh_root/.tomb/$tssh_id" 2>&1) || [ -h "$tssh_root/.tomb/$tssh_id" ] ||
      tssh_fail_fs "$tssh_m" "cannot leave a tombstone for $tssh_id"
  fi
  rm -rf "$tssh_d"
}

tssh_cleanup() {
  tssh_find_root
  tssh_check_root
  for tssh_one in $tssh_ids; do
    tssh_name_job "$tssh_one"
    tssh_look
    if [ "$tssh_state" = new ]; then
      ln -s "v1:void:$(tssh_time):" "$tssh_d/gate" 2>/dev/null
      tssh_look
    fi
    if ! tssh_is_over; then
      [ "$tssh_ids" != "$tssh_one" ] || tssh_fail SshJobStillRunning "the job is $tssh_state"
    elif [ "$tssh_state" = tampered ]; then
      [ "$tssh_ids" != "$tssh_one" ] || tssh_fail SshJobTampered "$tssh_d is not what was written there"
    elif [ "$tssh_state" != absent ]; then
      tssh_bury
    fi
  done
  tssh_line "$tssh_nonce end"
}

tssh_sweep() {
  tssh_find_root
  tssh_check_root
  tssh_now=$(tssh_time)
  for tssh_one in "$tssh_root"/*; do
    [ -d "$tssh_one" ] || continue
    tssh_name_job "${tssh_one##*/}"
    tssh_look
    case $tssh_state in done | void | lost-reboot | lost-supervisor | gone) ;; *) continue ;; esac
    tssh_age=$tssh_age_failure
    if [ "$tssh_kind" = E ] && [ "$tssh_code" = 0 ]; then tssh_age=$tssh_age_success; fi
    tssh_then=${tssh_ended:-${tssh_started:-$tssh_now}}
    if [ "$((tssh_now - tssh_then))" -ge "$tssh_age" ]; then tssh_bury; fi
  done
  for tssh_one in "$tssh_root"/.tomb/*; do
    [ -h "$tssh_one" ] || continue
    tssh_id=${tssh_one##*/}
    [ ! -e "$tssh_root/$tssh_id" ] || continue
    tssh_parse_tomb
    if [ "$((tssh_now - ${tssh_ended:-$tssh_now}))" -ge "$tssh_age_tomb" ]; then rm -f "$tssh_one"; fi
  done
  tssh_line "$tssh_nonce end"
}

tssh_list() {
  tssh_find_root
  tssh_check_root
  for tssh_one in "$tssh_root"/*; do
    [ -d "$tssh_one" ] || continue
    tssh_name_job "${tssh_one##*/}"
    tssh_look
    tssh_sizes
    tssh_print_state
  done
  tssh_line "$tssh_nonce end"
}

# --- the request ---

tssh_main() {
  tssh_login_umask=$(umask)
  export tssh_login_umask
  tssh_prepare_shell
  case $tssh_op in
    start | run)
      tssh_start
      if [ "$tssh_op" = run ]; then
        tssh_follow
      else
        tssh_renew
        tssh_sizes
        tssh_print_state
      fi
      ;;
    cancel)
      tssh_asked_why=$tssh_why
      tssh_cancel
      tssh_print_state
      ;;
    cleanup) tssh_cleanup ;;
    sweep) tssh_sweep ;;
    list) tssh_list ;;
    follow | status | log)
      tssh_find_root
      tssh_check_root
      tssh_name_job "$tssh_ids"
      tssh_look
      case $tssh_op in
        follow) tssh_follow ;;
        log) tssh_log ;;
        *)
          tssh_renew
          tssh_sizes
          tssh_print_state
          ;;
      esac
      ;;
  esac
  exit 0
}
