import { expect, it } from 'vitest'
import { outputFolderOf } from './output-folder.ts'

it.each([
  ['./objs/nginx/html/live/a.flv', './objs/nginx/html/live'],
  ['/var/clips/a.mp4', '/var/clips'],
  ['file:/var/clips/a.mp4', '/var/clips'],
  ['file:a:b/c.mp4', 'a:b'],
  ['a.flv', '.'],
  ['./snapshots/live/a-%05d.png', './snapshots/live'],
  ['./clips/%Y/%m/a.mp4', './clips'],
  ['-', null],
  ['rtmp://127.0.0.1:1935/live/a', null],
  ['srt://example.com:9000?streamid=a/b', null],
  ['pipe:1', null],
])('the output %s needs the folder %s', (address, folder) => {
  expect(outputFolderOf({ outputFormat: 'flv' }, { options: [], address })).toBe(folder)
})

it('several outputs in one have no folder that is known', () => {
  const address = '[f=flv]rtmp://example.com/live/a|./clips/a.flv'
  expect(outputFolderOf({ outputFormat: 'tee' }, { options: [], address })).toBeNull()
})
