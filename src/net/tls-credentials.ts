import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext, type SecureVersion } from 'node:tls'
import { ServerError, toError } from '../base/index.ts'

/** The oldest TLS that is spoken: RFC 8996 forbids 1.0 and 1.1. */
export const MIN_TLS_VERSION: SecureVersion = 'TLSv1.2'

/** Default of `tlsHandshakeTimeoutMs`, ms. */
export const TLS_HANDSHAKE_TIMEOUT_MS = 10_000

/** A certificate and its key, as a program names them. */
export type CertificateOptions = Readonly<{
  /** PEM text, or the path of a PEM file: the server's certificate first, then the intermediate ones (RFC 8446, 4.4.2). */
  certificate: string
  /** PEM text, or the path of a PEM file: the certificate's private key, without a passphrase. */
  key: string
}>

/** A certificate and its key, read, and known to belong together. */
export type TlsCredentials = Readonly<{
  /** The chain, PEM. */
  cert: string
  /** The private key, PEM. */
  key: string
  /** Whom the certificate is for, e.g. 'CN=live.example.com'; for the log. */
  subject: string
  /** It holds no longer after this. */
  validTo: Date
}>

/**
 * Reads a certificate and its key, and makes sure that TLS can use them.
 * @param purpose what they are for, named in errors, e.g. 'RTMPS'
 * @throws ServerError ERR_CERTIFICATE naming the file and what is wrong with it: missing, not PEM, of the wrong kind, or a
 * key that is another certificate's
 */
export async function loadCredentials(
  { certificate, key }: CertificateOptions,
  purpose: string,
): Promise<TlsCredentials> {
  // One after the other: of two faults it is always the same one that is told.
  const cert = await readPem(certificate, `certificate for ${purpose}`)
  const privateKey = await readPem(key, `key for ${purpose}`)
  const leaf = parseCertificate(cert)
  if (!leaf.checkPrivateKey(parseKey(privateKey))) {
    throw fault(privateKey, `does not belong to the certificate ${cert.from}`)
  }
  try {
    createSecureContext({ cert: cert.text, key: privateKey.text, minVersion: MIN_TLS_VERSION })
  } catch (error) {
    throw fault(cert, `cannot be used: ${toError(error).message}`, error)
  }
  return {
    cert: cert.text,
    key: privateKey.text,
    subject: leaf.subject.replaceAll('\n', ', '),
    validTo: new Date(leaf.validTo),
  }
}

/** PEM text, what it is, and where it is from. */
type Pem = Readonly<{ text: string; what: string; from: string }>

async function readPem(pemOrPath: string, what: string): Promise<Pem> {
  if (pemOrPath.includes('-----BEGIN ')) {
    return { text: pemOrPath, what, from: 'given as text' }
  }
  const from = `'${pemOrPath}'`
  const text = await readFile(pemOrPath, 'latin1').catch((error: NodeJS.ErrnoException) => {
    throw fault({ what, from }, explainReading(error), error)
  })
  if (!text.includes('-----BEGIN ')) {
    throw fault({ what, from }, 'is not PEM: it has no line that starts with -----BEGIN')
  }
  return { text, what, from }
}

function parseCertificate(pem: Pem): X509Certificate {
  if (!pem.text.includes('-----BEGIN CERTIFICATE-----')) {
    throw fault(pem, `has no certificate, but ${firstLabel(pem.text)}`)
  }
  try {
    return new X509Certificate(pem.text)
  } catch (error) {
    throw fault(pem, `is damaged: ${toError(error).message}`, error)
  }
}

function parseKey(pem: Pem): KeyObject {
  if (!pem.text.includes('PRIVATE KEY-----')) {
    throw fault(pem, `has no private key, but ${firstLabel(pem.text)}`)
  }
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(pem.text)) {
    throw fault(pem, 'is locked with a passphrase; unlock it with: openssl pkey -in KEY -out UNLOCKED_KEY')
  }
  try {
    return createPrivateKey(pem.text)
  } catch (error) {
    throw fault(pem, `is damaged: ${toError(error).message}`, error)
  }
}

function firstLabel(text: string): string {
  return `'${/-----BEGIN ([^-\n]*)/.exec(text)?.[1] ?? ''}'`
}

function explainReading(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ENOENT':
      return 'is not there'
    case 'EACCES':
      return 'may not be read by this user'
    case 'EISDIR':
      return 'is a folder'
    default:
      return `cannot be read: ${error.message}`
  }
}

function fault({ what, from }: Omit<Pem, 'text'>, problem: string, cause?: unknown): ServerError {
  return new ServerError('ERR_CERTIFICATE', `the ${what} ${from} ${problem}`, { cause })
}
