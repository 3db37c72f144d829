import { expect, it } from 'vitest'
import { checkAddressTemplate, checkProgramTemplate } from './check-template.ts'

it.each([
  'rtmp://127.0.0.1:[port]/[app]/[stream]_[engine]?vhost=[vhost]',
  'rtmp://[vhost]/[app]/[stream]',
  './html/[app]/[stream]-[2006].mp4',
  '[stream].mp4',
  'file:[stream].mp4',
  '[f=flv]rtmp://b/[stream]|[f=mp4]a/[stream].mp4',
  'udp://127.0.0.1:1234',
])('an address may be %s', (template) => {
  expect(() => checkAddressTemplate(template)).not.toThrow()
})

it.each([
  ['rtmp://[app]/x/[stream]', "'rtmp://[app]/x/[stream]': [app] can't be part of the server"],
  ['rtmp://cdn-[stream].example/x', "[stream] can't be part of the server"],
  ['http://a[param]', "[param] can't be part of the server"],
  ['[stream]:a|b', "[stream] can't be part of the protocol"],
  ['x[vhost]:1', "[vhost] can't be part of the protocol"],
])('an address may not be %s', (template, message) => {
  expect(() => checkAddressTemplate(template)).toThrow(message)
})

it('the program may have what its owner chooses only', () => {
  expect(() => checkProgramTemplate('/usr/local/bin/[vhost]-[2006]')).not.toThrow()
  expect(() => checkProgramTemplate('/usr/local/bin/[stream]')).toThrow(
    "[stream] can't be part of the program",
  )
})
