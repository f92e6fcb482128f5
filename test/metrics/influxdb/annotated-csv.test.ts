import { describe, expect, it } from '@jest/globals'
import { annotatedCsv } from '../../../src/metrics/influxdb/annotated-csv.js'

describe('annotated CSV', () => {
  it('gives the records of all tables, with defaults for what is empty', () => {
    const csv = [
      '#datatype,string,long,double,string',
      '#default,_result,,,nobody',
      ',result,table,_value,host',
      ',,0,1.5,a',
      ',,1,2,',
      '',
      ',result,table,_value',
      ',,0,3',
      '',
      '',
    ].join('\r\n')
    expect(annotatedCsv(csv)).toEqual([
      { result: '_result', table: '0', _value: '1.5', host: 'a' },
      { result: '_result', table: '1', _value: '2', host: 'nobody' },
      { result: '', table: '0', _value: '3' },
    ])
  })

  it('reads fields in quotes, with commas, quotes and line breaks in them', () => {
    expect(annotatedCsv('a,b\n"x, ""y""",",\n"\n')).toEqual([{ a: 'x, "y"', b: ',\n' }])
  })

  it.each(['', '\r\n', '\r\n\r\n', '#default,a\r\n,b\r\n'])('has no records in %j', (csv) => {
    expect(annotatedCsv(csv)).toEqual([])
  })
})
