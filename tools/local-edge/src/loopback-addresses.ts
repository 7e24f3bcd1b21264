/** The addresses of 127.0.0.0/24: on Linux all of them are this machine, elsewhere the first alone. */
export function* loopbackAddresses(): Iterable<string> {
  for (let last = 1; last < 255; last += 1) yield `127.0.0.${last}`;
}
