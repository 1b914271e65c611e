// Tells secrets from other values: by the forms of known tokens, by the name, by how random a value is. It says what kind
// of secret it is and never which one.

/** Longer values are files; a token in them is looked for at their start. */
const MOST_TEXT = 100_000

const FORMS: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['a private key', /-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY-----/],
  ['an access key of AWS', /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/],
  ['a token of GitHub', /\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{60})/],
  ['a token of GitLab', /\bglpat-[\w-]{20}/],
  ['a token of Slack', /\bxox[abeoprs]-[A-Za-z0-9-]{12}/],
  ['a webhook of Slack', /\/services\/T[A-Z0-9]{7,12}\/B[A-Z0-9]{7,12}\/[A-Za-z0-9]{20}/],
  ['a live key of Stripe', /\b[rs]k_live_[0-9A-Za-z]{20}/],
  ['a key of Google', /\bAIza[\w-]{35}/],
  ['a key of SendGrid', /\bSG\.[\w-]{20,24}\.[\w-]{39,50}/],
  ['a token of npm', /\bnpm_[A-Za-z0-9]{36}/],
  ['a token of PyPI', /\bpypi-[\w-]{60}/],
  ['a token of Hugging Face', /\bhf_[A-Za-z0-9]{30}/],
  ['a key of a model provider', /\bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{32}/],
  ['a token of DigitalOcean', /\bdo[opr]_v1_[a-f0-9]{64}/],
  ['a JSON Web Token', /\beyJ[\w-]{10,2000}\.eyJ[\w-]{10,4000}\.[\w-]{20}/],
]
const CREDENTIALS = /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:@/]{1,100}:([^\s@/]{3,200})@/
const REGISTRY = /"(?:auth|password|identitytoken)"\s{0,20}:\s{0,20}"([^"]{4,4000})"/

/** What somebody or something fills in later, and what is encrypted. */
const PLACEHOLDER =
  /[<>]|\$[({]|\{\{|^ENC\[|^(?:vault|op|ref\+\w+|secret|awssm|gcpsm|akv):|^(?:x{3,}|\*{3,}|\.{3,}|-+|_+)$|example|placeholder|redacted|replace|dummy|your[-_ ]|to-?do|insert|generated?[-_ ]by|fill[-_ ]?(?:me|in)|(?:not?|un)[-_ ]?(?:key|need|requi|set|use)|required/i

/** The form of a known token in a text, or undefined. */
export function findForm(text: string): string | undefined {
  const start = text.slice(0, MOST_TEXT)
  for (const [what, pattern] of FORMS) {
    const match = pattern.exec(start)
    if (match && !PLACEHOLDER.test(match[0])) return what
  }
  const password = CREDENTIALS.exec(start)?.[1]
  return password !== undefined && !PLACEHOLDER.test(password) ? 'a URL with a password' : undefined
}

/** Credentials of registries, as `docker login` writes them. */
export function findRegistryLogin(text: string): string | undefined {
  const found = REGISTRY.exec(text.slice(0, MOST_TEXT))?.[1]
  return found !== undefined && !PLACEHOLDER.test(found) ? 'the login of a registry' : undefined
}

const SECRET_WORDS = new Set([
  'apikey',
  'credential',
  'credentials',
  'passphrase',
  'passwd',
  'password',
  'pwd',
  'secret',
  'token',
])
const KEYS_BEFORE = new Set(['access', 'api', 'auth', 'encryption', 'master', 'private', 'secret', 'signing'])
/** What says where, how long, how or of what kind, and not what. */
const ABOUT = new Set(
  'age alg algorithm audience class count dir duration enabled endpoint expiration expires expiry field file folder format header host id interval issuer length lifetime limit max min mode mount name namespace path policy prefix provider ref refresh rotation size source store suffix timeout ttl type uri url user username version'.split(
    ' ',
  ),
)

const wordsOf = (name: string): readonly string[] =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(word => word !== '')

/** Whether a name says that its value is a secret: `DB_PASSWORD`, and not `PASSWORD_FILE`. */
export function isSecretName(name: string): boolean {
  const words = wordsOf(name.slice(0, 300))
  const last = words.at(-1) ?? ''
  if (ABOUT.has(last) || words.includes('public') || words.includes('no') || words.includes('disable')) return false
  return words.some(
    (word, index) => SECRET_WORDS.has(word) || (word === 'key' && KEYS_BEFORE.has(words[index - 1] ?? '')),
  )
}

/** Whether a value under such a name can be the secret itself: no path, number, switch or name of something else. */
export function isPlausible(value: string, name = 'password'): boolean {
  const text = value.trim()
  // As people write in the place of a value: SECRET, MY_TOKEN.
  if (/^[A-Z_]+$/.test(text)) return false
  // Passwords are made up by people; keys and tokens are made by chance.
  if (!/pass|pwd|secret|credential/i.test(name) && !(text.length >= 20 || (text.length >= 8 && /\d/.test(text))))
    return false
  if (text.length < 4 || text.length > 4000 || /\s/.test(text)) return false
  if (PLACEHOLDER.test(text) || /^(?:true|false|null|none|yes|no|optional|required|[\d.]+[smhd]?)$/i.test(text))
    return false
  if (/^(?:\.{0,2}\/|[a-z][a-z0-9+.-]{1,20}:\/\/|[A-Z]:\\)/i.test(text)) return false
  // As a Secret or one of its keys is called.
  return !/^[a-z0-9]+(?:[-._][a-z0-9]+)*[-._](?:secrets?|tokens?|credentials?|passwords?|creds|key|file|txt|pem|json|ya?ml)$/.test(
    text,
  )
}

/** Whether a value looks made by chance: long, mixed, and hardly a letter more often than another. */
export function isRandom(value: string): boolean {
  const text = value.trim()
  if (text.length > 500 || PLACEHOLDER.test(text)) return false
  if (/^[0-9a-f]{32,}$/i.test(text)) return /\d/.test(text) && /[a-f]/i.test(text) && entropyOf(text) >= 3
  const isMixed = /[a-z]/.test(text) && /[A-Z]/.test(text) && /\d/.test(text)
  return isMixed && /^[\w+/=~!@#%^&*.-]{20,}$/.test(text) && entropyOf(text) >= 3.8
}

/** Bits a character. */
export function entropyOf(text: string): number {
  const counts = new Map<string, number>()
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length)
  return bits
}
