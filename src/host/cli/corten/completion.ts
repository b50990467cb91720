import { usageError, type CortenContext } from '../corten-context.ts';
import { print } from '../runt-context.ts';
import { onlyWord, parseVerb } from '../verb.ts';

const HELP = {
  usage: 'completion bash|zsh|fish',
  summary: `Prints what makes a shell complete the words of corten.

  bash: corten completion bash > /etc/bash_completion.d/corten
  zsh:  corten completion zsh > "\${fpath[1]}/_corten"
  fish: corten completion fish > ~/.config/fish/completions/corten.fish`,
  flags: {},
} as const;

/** Each asks `corten __complete WORD...`, whose lines are a candidate, a tab and what it is. */
const SCRIPTS: ReadonlyMap<string, string> = new Map([
  [
    'bash',
    `# Completion of corten for bash.
_corten() {
  local line word=\${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  # bash takes "a:b" for three words.
  if declare -F _get_comp_words_by_ref >/dev/null; then
    local words cword cur prev
    _get_comp_words_by_ref -n : cur words cword
    word=$cur
    set -- "\${words[@]:1:cword}"
  else
    set -- "\${COMP_WORDS[@]:1:COMP_CWORD}"
  fi
  while IFS=$'\\t' read -r line _; do
    COMPREPLY+=("$line")
  done < <("\${COMP_WORDS[0]}" __complete "$@" 2>/dev/null)
  if [ "\${#COMPREPLY[@]}" -eq 0 ]; then
    compopt -o default 2>/dev/null
  elif declare -F __ltrim_colon_completions >/dev/null; then
    __ltrim_colon_completions "$word"
  fi
}
complete -F _corten corten
`,
  ],
  [
    'zsh',
    `#compdef corten
# Completion of corten for zsh.
_corten() {
  local line candidate
  local -a candidates
  for line in "\${(@f)$("\${words[1]}" __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -n $line ]] || continue
    candidate=\${line%%$'\\t'*}
    if [[ $line == *$'\\t'?* ]]; then
      candidates+=("\${candidate//:/\\\\:}:\${line#*$'\\t'}")
    else
      candidates+=("\${candidate//:/\\\\:}")
    fi
  done
  if (( \${#candidates} )); then
    _describe corten candidates
  else
    _files
  fi
}
if [ "$funcstack[1]" = _corten ]; then
  _corten "$@"
else
  compdef _corten corten
fi
`,
  ],
  [
    'fish',
    `# Completion of corten for fish.
function __corten_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l candidates ($words[1] __complete $words[2..-1] 2>/dev/null)
  if test (count $candidates) -gt 0
    printf '%s\\n' $candidates
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c corten -f -a '(__corten_complete)'
`,
  ],
]);

export function main({ words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const shell = onlyWord(options, 'shell');
  const script = SCRIPTS.get(shell);
  if (script === undefined) throw usageError(`The shell "${shell}" is unknown: give bash, zsh or fish`);
  print(script);
  return 0;
}
