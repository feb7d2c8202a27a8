#!/bin/sh
# What a coding client starts for each of its hooks: hook.sh STATE-DIR CLIENT tool|prompt
#
# Reads the client's JSON from standard input, asks the gateway over its socket, and prints the answer. It is a script and
# nothing more because clients wait for it before every tool: a start of Node.js alone would cost more than the decision.
# Whatever goes wrong before a tool is a refusal: exit 2 with words on standard error blocks in every client. A prompt is never blocked: what was not heard grants nothing.
answer=$(curl -q --config "$1/hooks/$2.$3.curl" 2>/dev/null) && case $answer in
'{'*'}')
  printf '%s\n' "$answer"
  exit 0
  ;;
esac
if [ "$3" = prompt ]; then
  if [ "$2" = cursor ]; then echo '{"continue":true}'; else echo '{}'; fi
  exit 0
fi
why='Refused: Sallyport gave no answer. Start it with: sallyport up. Take it out of this client with: sallyport unwrap.'
printf '%s\n' "$why" >&2
exit 2
