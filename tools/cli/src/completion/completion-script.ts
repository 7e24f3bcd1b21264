/** What a shell has to know to complete `edgeveil`. It asks the program itself each time, by `__complete`. */
export function completionScript(shell: 'bash' | 'zsh' | 'fish'): string {
  return { bash: BASH, zsh: ZSH, fish: FISH }[shell];
}

const BASH = `# bash completion of edgeveil
_edgeveil() {
  local line value
  local -a typed=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :files) compopt -o default ;;
      :dirs) compopt -o dirnames ;;
      *)
        value=\${line%%$'\\t'*}
        # Inside quotes the shell takes it as it is.
        [[ \${COMP_WORDS[COMP_CWORD]} == [\\'\\"]* ]] || printf -v value %q "$value"
        COMPREPLY+=("$value")
        ;;
    esac
  done < <("\${COMP_WORDS[0]}" __complete -- "\${typed[@]//[\\'\\"\\\\]/}" 2>/dev/null)
}
complete -F _edgeveil edgeveil
`;

const ZSH = `#compdef edgeveil
# zsh completion of edgeveil
_edgeveil() {
  local line value
  local -a candidates
  while IFS= read -r line; do
    case $line in
      :files) _files ;;
      :dirs) _files -/ ;;
      *)
        value=\${line%%$'\\t'*}
        if [[ $line == *$'\\t'* ]]; then
          candidates+=("\${value//:/\\\\:}:\${line#*$'\\t'}")
        else
          candidates+=("\${value//:/\\\\:}")
        fi
        ;;
    esac
  done < <("\${words[1]}" __complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)
  (( \${#candidates} )) && _describe edgeveil candidates
}
compdef _edgeveil edgeveil
`;

const FISH = `# fish completion of edgeveil
function __edgeveil_complete
    set -l typed (commandline -opc)
    set -l current (commandline -ct)
    for line in ($typed[1] __complete -- $typed[2..] "$current" 2>/dev/null)
        switch $line
            case ':files'
                __fish_complete_path "$current"
            case ':dirs'
                __fish_complete_directories "$current" ''
            case '*'
                echo $line
        end
    end
end
complete -c edgeveil -f -a '(__edgeveil_complete)'
`;
