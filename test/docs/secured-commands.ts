import { once } from 'node:events'
import { copyFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { connect } from 'node:tls'
import { expect } from 'vitest'
import { loadCredentials } from '../../src/net/index.ts'
import { makeCertificate, type TestCertificate } from '../support/certificate.ts'
import { built, type Program, startProgram } from '../support/program.ts'
import { mediaFolder } from '../support/sources.ts'
import { commandOfPages, startCommand, type Trial } from './trial.ts'

export async function judgeCertificate(trial: Trial): Promise<void> {
  const cwd = await mediaFolder(trial.scope)
  const program = startCommand({ ...trial, cwd }, trial.command)
  expect(await program.exited).toEqual({ code: 0, signal: null })
  const files = { certificate: join(cwd, 'certificate.pem'), key: join(cwd, 'key.pem') }
  const { subject } = await loadCredentials(files, 'a test')
  expect(subject).toBe('CN=localhost')
}

/** Starts `srs` as the page does, but with this certificate and on free ports. */
async function startSecuredServer(
  { scope }: Trial,
  command: string,
  { certificate, key }: TestCertificate,
): Promise<Program> {
  const text = command
    .replace('srs ', '--listen 127.0.0.1:0 --http-listen 127.0.0.1:0 ')
    .replace(/ :\d+/g, ' 127.0.0.1:0')
    .replace(' certificate.pem', ` ${certificate}`)
    .replace(' key.pem', ` ${key}`)
  const program = startProgram(scope, [execPath, built('cli/main.js'), ...text.split(' ')])
  await program.waitForOutput(/Ctrl-C ends the server/)
  return program
}

export async function judgeSecuredServer(trial: Trial): Promise<void> {
  const { certificate } = trial
  const program = await startSecuredServer(trial, trial.command, certificate)
  expect(program.stdout).toMatch(/^ {2}RTMPS +rtmps:\/\/127\.0\.0\.1:\d+\/live\/demo$/m)
  const [, host = '', port] = /^ {2}HTTPS +https:\/\/(\S+):(\d+)\/$/m.exec(program.stdout) ?? []
  const client = connect({ host, port: Number(port), ca: await readFile(certificate.certificate) })
  trial.scope.onTestFinished(() => void client.destroy())
  await once(client, 'secureConnect')
  // A reset is one of the ways in which a server that ends closes.
  client.on('error', () => {})
  program.pressControlC()
  expect(await program.exited).toEqual({ code: 0, signal: null })
}

/** A good new certificate is taken, a bad one is not, and the server goes on. */
export async function judgeRenewal(trial: Trial): Promise<void> {
  const [old, next] = [await makeCertificate(trial.scope, 'old'), await makeCertificate(trial.scope, 'new')]
  const start = commandOfPages('srs --rtmps-listen')
  const program = await startSecuredServer(trial, start, old)
  await copyFile(next.certificate, old.certificate)
  await copyFile(next.key, old.key)
  const kill = startCommand(trial, trial.command, { SRS_PID: `${program.pid}` })
  expect(await kill.exited).toEqual({ code: 0, signal: null })
  await program.waitForOutput(/"purpose":"HTTPS","subject":"CN=new".*certificate reloaded/)
  await copyFile(next.key, old.certificate)
  await startCommand(trial, trial.command, { SRS_PID: `${program.pid}` }).exited
  await program.waitForOutput(/has no certificate, but 'PRIVATE KEY'.*certificates not reloaded/)
  program.pressControlC()
  expect(await program.exited).toEqual({ code: 0, signal: null })
}
