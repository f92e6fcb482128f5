/** Annotations, cut down to what GitHub shows of them (trap 36). */

export interface Annotation {
  level: 'error' | 'warning' | 'notice'
  message: string
  title?: string
  file?: string
  line?: number
}

const perLevelAndStep = 10
const perJob = 50
const longestMessage = 4_096

/** The annotations of one job: 10 of each level a step, 50 in all, messages of at most 4,096 characters. */
export class JobAnnotations {
  #kept = 0

  /** Opens the list of one step. What goes beyond the limits is dropped without a word, as on GitHub. */
  ofStep(): { list: Annotation[]; add: (annotation: Annotation) => void } {
    const list: Annotation[] = []
    const add = (annotation: Annotation): void => {
      const sameLevel = list.filter((other) => other.level === annotation.level).length
      if (sameLevel >= perLevelAndStep || this.#kept >= perJob) return
      this.#kept += 1
      list.push({ ...annotation, message: annotation.message.slice(0, longestMessage) })
    }
    return { list, add }
  }
}
