/** What stands in place of a secret. */
const REDACTED = '***'

/** Query parameters whose value lets in whoever has it. */
const SECRET_PARAMETERS = [
  'sig',
  'sign',
  'signature',
  'token',
  'access_token',
  'jwt',
  'auth',
  'secret',
  'pass',
  'passphrase',
  'passwd',
  'password',
  'pwd',
  'streamkey',
  'stream_key',
  'apikey',
  'api_key',
  'srs_pass',
] as const

const SECRET_PARAMETER = new RegExp(`((?:^|[?&#;\\s])(?:${SECRET_PARAMETERS.join('|')})=)[^&#;\\s'"]+`, 'gi')

/**
 * A JSON Web Token wherever it stands (RFC 7515, 3.1): three parts, of which the first is an object in base64url. Whether there are two dots
 * is looked at once for a part, not at each `eyJ` in it: whoever sends thousands of them must not cost us the square of that.
 */
const JSON_WEB_TOKEN = /(?<![\w-])(?=[\w-]+\.[\w-]+\.)([\w-]*?)\beyJ[\w-]+\.[\w-]+\.[\w-]*/g

/** Name and password of a URL (RFC 3986, 3.2.1). */
const USER_INFORMATION = /(:\/\/)[^/?#@\s'"]*@/g

/**
 * A text such as `tcUrl` or `?expires=1&sig=...` without its secrets, for logs and the API: the values of parameters like `sig`,
 * `token` and `password`, names and passwords in front of a URL's host, and JSON Web Tokens wherever they stand.
 */
export function redactSecrets(text: string): string {
  if (!text.includes('=') && !text.includes('eyJ') && !text.includes('@')) {
    return text
  }
  return text
    .replace(SECRET_PARAMETER, `$1${REDACTED}`)
    .replace(JSON_WEB_TOKEN, `$1${REDACTED}`)
    .replace(USER_INFORMATION, `$1${REDACTED}@`)
}
