import { describe, expect, it } from '@jest/globals'
import { commandOf, environmentOf, launchFrom } from '../../../src/platforms/local/launch.js'
import { tinySettings } from './local-scene.js'

const facts = { release: { version: 'v1', image: 'shop@sha256:1' }, place: 'blue', port: 2_000 } as const
const launch = (change: Parameters<typeof tinySettings>[1]) =>
  launchFrom(tinySettings('/state', change), '/app', { PATH: '/bin' })

describe('what starts a replica', () => {
  it('has its placeholders filled, and nothing else', () => {
    const spec = launch({
      command: ['run', '{{image}}', '--port={{ port }}', '{{version}}-{{slot}}', '{{other}}', '$HOME'],
    })
    expect(commandOf(spec, facts)).toEqual([
      'run',
      'shop@sha256:1',
      '--port=2000',
      'v1-blue',
      '{{other}}',
      '$HOME',
    ])
  })

  it.each([[['sh', '-c', 'run {{version}}']], [['/bin/bash', '-c', 'echo {{ image }}']]])(
    'refuses placeholders in what a shell would run: %j',
    (command) => {
      expect(() => launch({ command })).toThrow('placeholders are not replaced in what a shell runs')
    },
  )

  it('is told port, version, slot and image, whatever its own variables say', () => {
    const spec = launch({
      env: { PORT: '1', TUESDAY_VERSION: 'x', NAME: 'shop-{{version}}' },
      envFrom: ['KEY', 'NOT_THERE'],
    })
    expect(environmentOf(spec, { KEY: 'secret', UNASKED: 'y' }, facts)).toEqual({
      PATH: '/bin',
      NAME: 'shop-v1',
      KEY: 'secret',
      PORT: '2000',
      TUESDAY_VERSION: 'v1',
      TUESDAY_SLOT: 'blue',
      TUESDAY_IMAGE: 'shop@sha256:1',
    })
  })
})
