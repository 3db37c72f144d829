import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runProgram } from './program.ts'
import type { Scope } from './server.ts'
import { mediaFolder } from './sources.ts'

/** A certificate for localhost and 127.0.0.1 that nobody signed, and its key: PEM, in files. */
export type TestCertificate = Readonly<{ certificate: string; key: string }>

/** Makes a new certificate. */
export async function makeCertificate(scope: Scope, commonName = 'localhost'): Promise<TestCertificate> {
  const folder = await mediaFolder(scope)
  const files = { certificate: join(folder, 'certificate.pem'), key: join(folder, 'key.pem') }
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const names = ['-subj', `/CN=${commonName}`, '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  const out = ['-keyout', files.key, '-out', files.certificate]
  const { code, stderr } = await runProgram(scope, ['openssl', 'req', '-x509', ...kind, ...names, ...out])
  if (code !== 0) {
    throw new Error(`openssl made no certificate: ${stderr}`)
  }
  return files
}

/** Writes a file beside a certificate's. */
export async function writeBeside(
  { certificate }: TestCertificate,
  name: string,
  text: string,
): Promise<string> {
  const file = join(certificate, '..', name)
  await writeFile(file, text)
  return file
}
