import { columnType } from './column-type.js'
import { drop, dropColumn } from './drop.js'
import { constraintIndex, indexBuild } from './index-build.js'
import { requiredColumn, setNotNull } from './not-null.js'
import { rename } from './rename.js'
import type { Rule } from './rule.js'
import { truncate } from './truncate.js'

/** Few, and each of them an outage: what is a matter of taste is not refused. */
export const allRules: readonly Rule[] = [
  drop,
  dropColumn,
  rename,
  requiredColumn,
  setNotNull,
  columnType,
  truncate,
  indexBuild,
  constraintIndex,
]
