import { startLocal } from './local.ts'
import type { StartPlatform } from './platform-under-test.ts'

/** Every platform that the scenarios run on. A new one names itself here, and nothing else changes. */
export const PLATFORMS: Readonly<Record<string, StartPlatform>> = { local: startLocal }
