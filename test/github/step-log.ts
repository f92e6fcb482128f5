/** Reads what a step prints: obeys workflow commands, hides secrets, keeps the log and the annotations. */
import type { Annotation } from './annotations.ts'
import type { Masks } from './masks.ts'
import { parseWorkflowCommand, type WorkflowCommand } from './workflow-commands.ts'

export interface StepLogOptions {
  masks: Masks
  annotate: (annotation: Annotation) => void
  onLine: (line: string) => void
  /** Whether `::debug::` lines are shown, as with ACTIONS_STEP_DEBUG. */
  showDebug: boolean
}

/** Commands that GitHub has switched off or that this project may not use: they would set nothing. */
const retired = new Set(['set-env', 'add-path', 'set-output', 'save-state'])

export class StepLog {
  readonly #options: StepLogOptions
  readonly #lines: string[] = []
  /** While commands are stopped: the token that starts them again. */
  #stoppedUntil: string | undefined

  constructor(options: StepLogOptions) {
    this.#options = options
  }

  get text(): string {
    return this.#lines.map((line) => `${line}\n`).join('')
  }

  /** A line of the step's process. */
  read(line: string): void {
    const command = parseWorkflowCommand(line)
    if (this.#stoppedUntil !== undefined) {
      if (command?.name === this.#stoppedUntil) this.#stoppedUntil = undefined
      else this.#write(line)
    } else if (command === undefined || !this.#obey(command)) {
      this.#write(line)
    }
  }

  /** An error of the runner itself: shown and annotated. */
  error(message: string): void {
    this.#annotate('error', message, {})
  }

  /** A warning of the runner itself: shown and annotated. */
  warning(message: string): void {
    this.#annotate('warning', message, {})
  }

  #obey(command: WorkflowCommand): boolean {
    switch (command.name) {
      case 'add-mask':
        this.#options.masks.add(command.data)
        this.#write('::add-mask::***')
        return true
      case 'error':
      case 'warning':
      case 'notice':
        this.#annotate(command.name, command.data, command.properties)
        return true
      case 'debug':
        if (this.#options.showDebug) this.#write(`##[debug]${command.data}`)
        return true
      case 'group':
        this.#write(`##[group]${command.data}`)
        return true
      case 'endgroup':
        this.#write('##[endgroup]')
        return true
      case 'stop-commands':
        this.#stoppedUntil = command.data
        return true
      case 'echo':
      case 'add-matcher':
      case 'remove-matcher':
        return true
      default:
        if (!retired.has(command.name)) return false
        this.error(`The \`${command.name}\` command is disabled. Please upgrade to using Environment Files.`)
        return true
    }
  }

  #annotate(level: Annotation['level'], message: string, properties: Record<string, string>): void {
    const hidden = this.#options.masks.hide(message)
    this.#options.annotate({
      level,
      message: hidden,
      ...(properties.title === undefined ? {} : { title: this.#options.masks.hide(properties.title) }),
      ...(properties.file === undefined ? {} : { file: properties.file }),
      ...(properties.line === undefined ? {} : { line: Number(properties.line) }),
    })
    this.#write(`##[${level}]${message}`)
  }

  #write(line: string): void {
    const hidden = this.#options.masks.hide(line)
    this.#lines.push(hidden)
    this.#options.onLine(hidden)
  }
}
