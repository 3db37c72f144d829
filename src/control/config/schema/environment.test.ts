import { describe, expect, it } from 'vitest'
import { listEnvironmentNames } from './environment.ts'
import { ROOT_ROWS } from './rows/root.ts'
import { build, configOf } from './testing/build.ts'

describe('variables of the environment', () => {
  it.each([
    'SRS_LISTEN',
    'SRS_HTTP_API_ENABLED',
    'SRS_HTTP_SERVER_HTTPS_KEY',
    'SRS_VHOST_HLS_HLS_FRAGMENT',
    'SRS_VHOST_PLAY_GOP_CACHE',
    'SRS_VHOST_HTTP_REMUX_ENABLED',
    'SRS_VHOST_HTTP_HOOKS_ON_PUBLISH',
    'SRS_RTC_SERVER_CANDIDATE',
    'SRS_VHOST_CHUNK_SIZE',
    'SRS_CHUNK_SIZE',
    'SRS_LOG_LEVEL',
    'SRS_SRS_LOG_LEVEL',
    'SRS_SRS_LOG_TANK',
    'SRS_DEVICE_IP',
  ])('have the names of SRS: %s', (name) => {
    expect(listEnvironmentNames(ROOT_ROWS)).toContain(name)
  })

  it('have each name once', () => {
    const names = listEnvironmentNames(ROOT_ROWS)
    expect(names.length).toBe(new Set(names).size)
  })

  it('that are empty are not set', () => {
    const { values } = configOf('listen 1935;', { SRS_LISTEN: '', SRS_CHUNK_SIZE: ' ' })
    expect([values.listen.value, values.chunk_size.value]).toEqual([['1935'], 60_000])
  })

  it('are split at blanks where there may be several words', () => {
    const { values } = configOf('', { SRS_LISTEN: '1935  127.0.0.1:19350' })
    expect(values.listen.value).toEqual(['1935', '127.0.0.1:19350'])
  })

  it('of the chunk size of all vhosts go before what a vhost says', () => {
    const { values } = configOf('listen 1935; vhost a { chunk_size 300; }', { SRS_VHOST_CHUNK_SIZE: '400' })
    expect(values.vhost[0]?.values.chunk_size.value).toBe(400)
  })

  it('that mean nothing are told, with the nearest that does', () => {
    const environment = {
      SRS_LISTENN: '1',
      SRS_CONFIG_FILE: 'x',
      SRS_ENV_ONLY: 'on',
      SRS_QQQQQQQQQQQQ: '1',
      PATH: '/',
    }
    expect(build('listen 1935;', environment).notices).toEqual([
      'environment SRS_LISTENN: no directive has this variable; did you mean SRS_LISTEN?',
      'environment SRS_QQQQQQQQQQQQ: no directive has this variable',
    ])
  })

  it('that Kubernetes gives for a service called srs are nobody’s mistake', () => {
    const environment = {
      SRS_SERVICE_HOST: '10.0.0.1',
      SRS_SERVICE_PORT: '1935',
      SRS_PORT: 'tcp://10.0.0.1:1935',
      SRS_PORT_1935_TCP_ADDR: '10.0.0.1',
    }
    expect(build('listen 1935;', environment).notices).toEqual([])
  })

  it('for all vhosts are told once, however many there are', () => {
    const environment = { SRS_VHOST_PLAY_GOP_CACHE: 'maybe', SRS_VHOST_PLAY_MW_MSGS: '3' }
    const { faults, notices } = build('listen 1935; vhost a { } vhost b { }', environment)
    expect(faults).toEqual(["environment SRS_VHOST_PLAY_GOP_CACHE: expected on or off; not 'maybe'"])
    expect(notices.length).toBe(1)
  })
})
