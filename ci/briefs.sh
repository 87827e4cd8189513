#!/usr/bin/env bash
# Quotes the briefs that a pull request changes, keeps that quote in one comment, and runs them on
# merge. docs/briefs-in-ci.md says how it is used; .github/workflows/briefs.yml only calls it.
#
#   ci/briefs.sh quote BASE HEAD OUT.md    exit code 2 if a brief is wrong; OUT.md is written anyway
#   ci/briefs.sh comment OUT.md PR         creates or updates the one comment, through gh
#   ci/briefs.sh run BASE HEAD OUTDIR      kampanj's own exit codes, save 4 (waiting for a person)
#
# HEAD must be checked out. Names of files and all that they hold were written by whoever opened the
# pull request: names travel NUL-separated and quoted, text only inside a fence that it cannot close.
set -euo pipefail
# Bytes, not letters: a name that is no valid UTF-8 is still one name.
export LC_ALL=C

readonly KAMPANJ="${KAMPANJ:-kampanj}"
readonly MARKER='<!-- kampanj quote -->'
readonly NOTHING='<!-- nothing to quote -->'
# GitHub refuses a comment over 65,536 letters and a job's output over 1 MB.
readonly MOST_COMMENT=60000
# A brief's errors; the last of a thousand tells nobody more than the first fifty.
readonly MOST_ERRORS=6000
readonly MOST_SECONDS="${KAMPANJ_PLAN_SECONDS:-300}"

die() {
  printf 'ci/briefs.sh: %s\n' "$1" >&2
  exit "${2:-1}"
}

usage() {
  die 'use: quote BASE HEAD OUT.md | comment OUT.md PR | run BASE HEAD OUTDIR' 2
}

# --- Text for people --------------------------------------------------------------------------

# The longest run of backticks in a file, and one more; at least as many as given.
fence() {
  local file=$1 least=$2 longest
  longest=$(grep -ao '`\+' -- "$file" | sort | tail -n 1 || true)
  if ((${#longest} < ${#least})); then
    printf '%s' "$least"
  else
    printf '%s`' "$longest"
  fi
}

# A file name as Markdown code; what would break the line is shown as "?".
shown() {
  local tick name
  name=$(printf '%s' "$1" | tr '\000-\037\177' '?')
  printf '%s' "$name" >"$work/name"
  # shellcheck disable=SC2016  # a backtick, not a command
  tick=$(fence "$work/name" '`')
  if [[ $name == *'`'* ]]; then
    printf '%s %s %s' "$tick" "$name" "$tick"
  else
    printf '%s%s%s' "$tick" "$name" "$tick"
  fi
}

# What a program said, as a block that its words cannot close, with paths as the reviewer knows them.
block() {
  local ticks said
  said=$(head -c "$MOST_ERRORS" -- "$1" | tr -d '\000-\010\013-\037\177')
  printf '%s\n' "${said//"$PWD/"/}" >"$work/said"
  # shellcheck disable=SC2016  # backticks, not a command
  ticks=$(fence "$work/said" '```')
  printf '%stext\n' "$ticks"
  cat -- "$work/said"
  printf '%s\n' "$ticks"
}

# --- Which briefs changed ---------------------------------------------------------------------

commit() {
  git rev-parse --verify --quiet --end-of-options "$1^{commit}" ||
    die "commit '$1' is not in this clone; fetch it (actions/checkout: fetch-depth: 0)"
}

# Reads two commits into the globals `base` and `head`, and goes to the root of the repository.
commits() {
  cd -- "$(git rev-parse --show-toplevel)"
  if [[ $1 =~ ^0+$ ]]; then
    # What a push says of a branch that did not exist before.
    base=$(git hash-object -t tree /dev/null)
  else
    base=$(commit "$1")
  fi
  head=$(commit "$2")
  [[ $head == "$(commit HEAD)" ]] || die "check out $2 first: briefs are read from the work tree"
  git diff --quiet --no-ext-diff HEAD -- briefs ||
    die 'briefs/ differs from the commit; commit or restore it first'
}

# Whether a path of a commit is a brief: YAML or JSON directly in briefs/, and not a brand,
# memory or notices that somebody keeps beside the briefs.
is_brief() {
  local commit=$1 path=$2 name=${2#briefs/}
  [[ $path == briefs/* && $name != */* ]] || return 1
  case $name in
    brand.* | memory.* | notice.* | notices.*) return 1 ;;
    *.yaml | *.yml | *.json) ;;
    *) return 1 ;;
  esac
  git cat-file blob "$commit:$path" >"$work/blob" 2>/dev/null || return 1
  # Only a brand has colours and no message. All else counts as a brief, so that a broken one is
  # reported, and not overlooked.
  ! { grep -Eqa '(^|[{,[:space:]])"?colours"?[[:space:]]*:' "$work/blob" &&
    ! grep -Eqa '(^|[{,[:space:]])"?messaging"?[[:space:]]*:' "$work/blob"; }
}

# Fills the globals `changed` and `deleted`. A file of briefs/ that is no brief may be any brief's
# brand, memory, notice or asset, so it changes all of them; a read-me directly in briefs/ does not.
find_changes() {
  local status path entry shared=no
  changed=() deleted=()
  # A rename is one brief gone and one new, which is what it costs.
  git diff --name-status -z --no-renames --no-ext-diff "$base" "$head" -- briefs/ >"$work/diff"
  while IFS= read -r -d '' status && IFS= read -r -d '' path; do
    if [[ $status == D ]]; then
      if is_brief "$base" "$path"; then deleted+=("$path"); else shared=yes; fi
    elif is_brief "$head" "$path"; then
      changed+=("$path")
    elif [[ ${path#briefs/} == */* || $path != *.md ]]; then
      shared=yes
    fi
  done <"$work/diff"
  [[ $shared == yes ]] || return 0
  changed=()
  git ls-tree -z "$head" briefs/ >"$work/tree"
  while IFS= read -r -d '' entry; do
    path=${entry#*$'\t'}
    if is_brief "$head" "$path"; then changed+=("$path"); fi
  done <"$work/tree"
}

# --- quote ------------------------------------------------------------------------------------

# Plans one brief into $work/good or $work/bad, and returns the program's exit code.
plan() {
  local brief=$1 code=0
  : >"$work/stdout"
  : >"$work/stderr"
  if [[ -L $brief ]]; then
    # It could point at any file of this machine, whose lines would then stand in the comment.
    echo 'a brief may not be a symbolic link; put the file itself into briefs/' >"$work/stderr"
    code=2
  else
    NO_COLOR=1 TERM=dumb PYTHONUTF8=1 timeout --kill-after=10 "$MOST_SECONDS" \
      "$KAMPANJ" plan "$brief" --markdown \
      </dev/null >"$work/stdout" 2>"$work/stderr" || code=$?
    if ((code == 124 || code == 137)); then
      echo "stopped after $MOST_SECONDS seconds" >>"$work/stderr"
      code=1
    fi
  fi
  if ((code == 0)); then
    cat -- "$work/stdout" >"$work/good"
  else
    cat -- "$work/stderr" "$work/stdout" >"$work/bad"
  fi
  return "$code"
}

# Appends a section to the full text, and to the comment if it has room left.
add() {
  local section=$1 have need
  cat -- "$section" >>"$work/full"
  have=$(wc -c <"$work/part")
  need=$(wc -c <"$section")
  if ((have + need < MOST_COMMENT)); then
    cat -- "$section" >>"$work/part"
  else
    left_out=$((left_out + 1))
  fi
}

quote() {
  local out=$1 brief code wrong=0 other=0 number=0 left_out=0 section
  : >"$work/full"
  : >"$work/part"
  mkdir -- "$work/wrong" "$work/right"
  # ${array[@]+…}: bash before 4.4 calls an empty array unbound.
  for brief in ${changed[@]+"${changed[@]}"}; do
    number=$((number + 1))
    code=0
    plan "$brief" || code=$?
    case $code in
      0) section=$work/right/$(printf '%06d' "$number") ;;
      2) wrong=$((wrong + 1)) section=$work/wrong/$(printf '%06d' "$number") ;;
      *)
        ((other != 0)) || other=$code
        section=$work/wrong/$(printf '%06d' "$number")
        ;;
    esac
    {
      printf '\n### %s\n\n' "$(shown "$brief")"
      case $code in
        0) cat -- "$work/good" && echo ;;
        2) printf 'This brief is wrong:\n\n' && block "$work/bad" ;;
        3) printf 'Over budget or policy:\n\n' && block "$work/bad" ;;
        *) printf 'No quote; exit code %d:\n\n' "$code" && block "$work/bad" ;;
      esac
    } >"$section"
  done
  # The faults first: they must not be what a long comment leaves out.
  for section in "$work"/wrong/* "$work"/right/*; do
    if [[ -f $section ]]; then add "$section"; fi
  done
  write_quote "$work/part" "$left_out" >"$out"
  write_quote "$work/full" 0 >"$work/summary"
  if [[ -n ${GITHUB_STEP_SUMMARY:-} ]]; then
    # A step may write 1 MiB, or none of it is shown.
    head -c 1000000 -- "$work/summary" >>"$GITHUB_STEP_SUMMARY"
  fi
  if [[ -n ${GITHUB_OUTPUT:-} ]]; then
    # One line of letters and digits: no text of a brief can add an output of its own.
    printf 'quote=%s\n' "$(base64 -w 0 -- "$out")" >>"$GITHUB_OUTPUT"
  fi
  ((wrong == 0)) || return 2
  return "$other"
}

write_quote() {
  local sections=$1 left_out=$2 brief
  {
    echo "$MARKER"
    if ((${#changed[@]} + ${#deleted[@]} == 0)); then echo "$NOTHING"; fi
    printf '## Kampanj quote\n\n'
    printf 'Briefs quoted: %d, of them without a quote: %d. Deleted: %d.\n' \
      "${#changed[@]}" "$(find "$work/wrong" -type f | wc -l)" "${#deleted[@]}"
    cat -- "$sections"
    if ((left_out > 0)); then
      printf '\n%d more did not fit here; the summary of the job has them all.\n' "$left_out"
    fi
    if ((${#deleted[@]} > 0)); then
      printf '\n### Deleted\n\n'
      # A thousand long names would push the comment over its limit.
      for brief in "${deleted[@]:0:20}"; do
        printf -- '- %s: nothing more will be made; what it spent stays in the ledger\n' \
          "$(shown "${brief:0:120}")"
      done
      if ((${#deleted[@]} > 20)); then printf -- '- and %d more\n' "$((${#deleted[@]} - 20))"; fi
    fi
  } >"$work/text"
  # GitHub takes UTF-8 only. iconv says 1 when it left something out, which is what it is for.
  iconv -c -f UTF-8 -t UTF-8 "$work/text" || (($? == 1))
}

# --- comment ----------------------------------------------------------------------------------

comment() {
  local file=$1 number=$2 first second own comments
  local repository=${GITHUB_REPOSITORY:?set it to owner/name}
  # Only our own: anybody may write a comment that begins with the marker.
  export KAMPANJ_BOT="${KAMPANJ_BOT:-github-actions[bot]}"
  [[ $number =~ ^[1-9][0-9]*$ ]] || die "'$number' is not the number of a pull request" 2
  [[ $repository =~ ^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$ ]] ||
    die "GITHUB_REPOSITORY is '$repository'; set it to owner/name" 2
  [[ -f $file ]] || die "there is no $file; make it with ci/briefs.sh quote" 2
  { IFS= read -r first && IFS= read -r second; } <"$file" || true
  [[ ${first:-} == "$MARKER" ]] || die "$file is not a quote; make it with ci/briefs.sh quote" 2
  comments=$(
    gh api --method GET --paginate "repos/$repository/issues/$number/comments?per_page=100" \
      --jq '.[] | select(.user.login == env.KAMPANJ_BOT)
            | select(.body | startswith("<!-- kampanj quote -->")) | .id'
  )
  own=${comments%%$'\n'*}
  if [[ -n $own ]]; then
    [[ $own =~ ^[0-9]+$ ]] || die "gh answered '$own' where the id of a comment was expected"
    # -F, not -f: only -F reads the file behind the @.
    gh api --method PATCH "repos/$repository/issues/comments/$own" -F "body=@$file" --silent
    echo "updated comment $own"
  elif [[ ${second:-} == "$NOTHING" ]]; then
    echo 'no brief changed, and there is no earlier comment: nothing to say'
  else
    gh api --method POST "repos/$repository/issues/$number/comments" -F "body=@$file" --silent
    echo 'wrote the comment'
  fi
}

# --- run --------------------------------------------------------------------------------------

report() {
  printf '%s\n' "$1"
  if [[ -n ${GITHUB_STEP_SUMMARY:-} ]]; then printf -- '- %s\n' "$1" >>"$GITHUB_STEP_SUMMARY"; fi
}

# Runs the program where its output cannot give the runner orders ("::set-env …").
quietly() {
  local code=0 word=''
  if [[ ${GITHUB_ACTIONS:-} == true ]]; then
    word=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    echo "::stop-commands::$word"
  fi
  "$@" </dev/null || code=$?
  if [[ -n $word ]]; then printf '\n::%s::\n' "$word"; fi
  return "$code"
}

run() {
  local out=$1 brief code failed=0 name
  for name in ${deleted[@]+"${deleted[@]}"}; do
    report "$(shown "$name"): deleted; nothing was run"
  done
  for brief in ${changed[@]+"${changed[@]}"}; do
    code=0
    if [[ -L $brief ]]; then
      code=2
    else
      PYTHONUTF8=1 quietly "$KAMPANJ" run "$brief" --out "$out" \
        --choose "${KAMPANJ_CHOOSE:-auto}" --approve "${KAMPANJ_APPROVE:-checks}" || code=$?
    fi
    case $code in
      0) report "$(shown "$brief"): done" ;;
      2) report "$(shown "$brief"): the brief is wrong (exit code 2)" ;;
      3) report "$(shown "$brief"): over budget or policy (exit code 3)" ;;
      4) report "$(shown "$brief"): waits for a person; resume it with kampanj resume" ;;
      5) report "$(shown "$brief"): a provider refused or was away (exit code 5)" ;;
      *) report "$(shown "$brief"): failed (exit code $code)" ;;
    esac
    # The others go on: a campaign does not wait for another one's provider.
    if ((code != 0 && code != 4 && failed == 0)); then failed=$code; fi
  done
  return "$failed"
}

# A runner's disk is gone when the job ends, and with it what was paid for.
needs_a_ledger() {
  local name
  # GitHub hands an unset secret over as an empty text, which is not the same as none.
  for name in KAMPANJ_DATABASE_URL KAMPANJ_HOME OPENAI_API_KEY \
    KAMPANJ_S3_ACCESS_KEY_ID KAMPANJ_S3_SECRET_ACCESS_KEY KAMPANJ_S3_REGION; do
    if [[ -z ${!name:-} ]]; then unset "$name"; fi
  done
  # The pictures that were paid for lie in the state folder, whatever database the ledger is in.
  if [[ ${GITHUB_ACTIONS:-} == true && -z ${KAMPANJ_HOME:-} ]]; then
    die 'set the variable KAMPANJ_HOME to a folder that outlives the job: a runner forgets what it paid for' 2
  fi
}

# --- The command ------------------------------------------------------------------------------

absolute() {
  case $1 in
    '') die 'no folder or file to write to was given' 2 ;;
    /* | *://*) printf '%s' "$1" ;;
    *) printf '%s/%s' "$PWD" "$1" ;;
  esac
}

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

case "${1:-}:$#" in
  quote:4)
    target=$(absolute "$4")
    commits "$2" "$3"
    find_changes
    quote "$target"
    ;;
  comment:3) comment "$(absolute "$2")" "$3" ;;
  run:4)
    target=$(absolute "$4")
    needs_a_ledger
    commits "$2" "$3"
    find_changes
    run "$target"
    ;;
  *) usage ;;
esac
