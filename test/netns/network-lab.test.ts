import { existsSync } from 'node:fs'
import { execPath } from 'node:process'
import { describe, expect, it } from 'vitest'
import { runProgram, startProgram } from '../support/program.ts'
import { waitFor } from '../support/wait.ts'
import { NetworkLab } from './network-lab.ts'

describe('a network of the tests', () => {
  it('connects its machines while no cable is pulled', async (scope) => {
    const lab = await NetworkLab.create(scope)
    const [one, two] = [await lab.addNode('one'), await lab.addNode('two')]
    const listen = "require('node:net').createServer().listen(7, '0.0.0.0', () => console.log('listens'))"
    const server = startProgram(scope, two.enter([execPath, '-e', listen]))
    await server.waitForOutput(/listens/)
    const connect = `require('node:net').connect({ host: '${two.address}', port: 7, timeout: 300 })
      .on('connect', () => process.exit(0)).on('timeout', () => process.exit(3)).on('error', () => process.exit(4))`
    const connects = async () => (await runProgram(scope, one.enter([execPath, '-e', connect]))).code === 0
    expect(await connects()).toBe(true)
    await two.cut()
    expect(await connects()).toBe(false)
    await two.mend()
    await waitFor('a connection', connects)
  })

  it('is gone when the process that made it is killed', async (scope) => {
    const program = startProgram(scope, [execPath, 'test/netns/lab-main.ts'])
    const [line] = await program.waitForOutput(/^\{.*\}$/m)
    const { pids } = JSON.parse(line) as { pids: number[] }
    expect(pids.map((pid) => existsSync(`/proc/${pid}`))).toEqual([true, true, true])
    program.kill('SIGKILL')
    await waitFor('the end of all that holds it', () => !pids.some((pid) => existsSync(`/proc/${pid}/exe`)))
  })
})
