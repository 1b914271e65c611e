// Tells a URL with a password or token in it, which is read by everybody who may see the Application, the state or the log.

/** A user alone is not a secret with ssh; with http it may be a token. What is not a URL is judged by what stands before an @. */
export function holdsCredentials(url: string): boolean {
  if (!URL.canParse(url)) return /:\/\/.*@/.test(url)
  const { protocol, username, password } = new URL(url)
  return password !== '' || (/^https?:$/.test(protocol) && username !== '')
}
