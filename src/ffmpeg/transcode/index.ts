export * from './options.ts'
export type { ChildPass, OwnRtmpAddress, TranscodeServiceSetup, TranscodeVhost } from './setup.ts'
export * from './transcode-service.ts'
