/** The capture plant: connections in, frame logs out. Upstream of the tape. */
export {
  captureConfig,
  checkSettings,
  configOnDisk,
  settingName,
  CAPTURE_CONFIG_KEYS,
  type CaptureConfig,
  type CaptureConfigKey
} from './config.ts'
export { captureConfigFromText, CAPTURE_SETTINGS, settingText, settingValue, type CaptureSetting } from './configText.ts'
export { CapturePlant } from './plant.ts'
export { MAX_UNSYNCED_SECONDS, type CapturePlantOptions } from './plantOptions.ts'
export { hostDisk, type Disk } from './logFile.ts'
export { shardOfKey, assignShards, shardCount } from './tokenShard.ts'
export { discoverUniverse, transportOf } from './venues.ts'
export { backoffMs, isPassing, restGet, type RestOptions } from './restClient.ts'
export { SocketLink } from './socketLink.ts'
export { RestRecorder } from './restRecorder.ts'
export { captureSecrets, type CaptureSecrets } from './world/index.ts'
export { followUniverse, type UniverseBirth } from './universe/universeThread.ts'
