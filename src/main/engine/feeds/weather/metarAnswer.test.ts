import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseMetarAnswer } from './index.ts'
import type { MetarObservation } from './observation.ts'

const RECEIVED = Date.UTC(2026, 6, 21, 2)
const bytes = (value: unknown): Uint8Array => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
const one = (raw: string, receivedMs = RECEIVED): MetarObservation => {
  const { observations, rejected } = parseMetarAnswer(bytes(raw), receivedMs)
  expect(rejected).toEqual([])
  expect(observations).toHaveLength(1)
  return observations[0]!
}
const element = (fields: Record<string, unknown> = {}): Record<string, unknown> => ({
  icaoId: 'KSTS',
  obsTime: 1_784_598_780,
  rawOb: 'METAR KSTS 210153Z 15007KT 10SM CLR 23/13 A2990 RMK AO2 SLP117 T02330128',
  metarType: 'METAR',
  temp: 23.3,
  visib: '10+',
  wdir: 'VRB',
  lat: 38.5037,
  lon: -122.811,
  elev: 35,
  clouds: [],
  ...fields
})
const reasons = (value: unknown): string[] => parseMetarAnswer(bytes(value), RECEIVED).rejected.map(({ reason }) => reason)

describe('an answer of the METAR service', () => {
  it('gives the observation with its station, its instant and the place that the service names', () => {
    const { observations } = parseMetarAnswer(bytes([element()]))
    expect(observations).toEqual([
      {
        stationId: 'KSTS',
        obsTimeMs: 1_784_598_780_000,
        kind: 'METAR',
        corrected: false,
        raw: 'METAR KSTS 210153Z 15007KT 10SM CLR 23/13 A2990 RMK AO2 SLP117 T02330128',
        tempC: 23.3,
        dewpointC: 12.8,
        bodyTempC: 23,
        tempSource: 't_group',
        windDirDeg: 150,
        windSpeedKt: 7,
        visibilityMi: 10,
        altimeterHpa: 1012.5,
        sky: [{ cover: 'CLR' }],
        lat: 38.5037,
        lon: -122.811,
        elevM: 35
      }
    ])
  })

  it('is ordered oldest first, a correction after what it corrects, and a report that stands twice counts once', () => {
    const corrected = { obsTime: 1_784_598_780, rawOb: 'METAR KSTS 210153Z COR 15007KT 10SM CLR 24/13 A2990 RMK AO2 T02390128' }
    const older = { obsTime: 1_784_595_180, rawOb: 'METAR KSTS 210053Z 15007KT 10SM CLR 25/13 A2990' }
    const { observations } = parseMetarAnswer(bytes([element(corrected), element(), element(), element(older)]))
    expect(observations.map(({ tempC, corrected: cor }) => [tempC, cor])).toEqual([
      [25, false],
      [23.3, false],
      [23.9, true]
    ])
  })

  it('is nothing when it is empty, an empty list or white space', () => {
    for (const body of ['', '[]', ' \r\n']) expect(parseMetarAnswer(bytes(body))).toEqual({ observations: [], rejected: [] })
  })

  it('is refused with a reason when it is not what was asked for', () => {
    expect(reasons('<!DOCTYPE html><title>502</title>')).toEqual(['html'])
    expect(reasons('[{"icaoId":')).toEqual(['malformed_json'])
    expect(reasons({ error: 'too many' })).toEqual(['not_a_list'])
    expect(reasons('x'.repeat(4 * 1024 * 1024 + 1))).toEqual(['too_large'])
    expect(reasons([null, 7, { icaoId: 'k' }])).toEqual(['no_station', 'no_station', 'no_station'])
  })

  it('is read up to a believable size', () => {
    const many = Array.from({ length: 1005 }, (_, i) => element({ obsTime: 1_784_598_780 + i * 0.2 }))
    const { observations, rejected } = parseMetarAnswer(bytes(many))
    expect(observations).toHaveLength(1000)
    expect(rejected).toEqual([{ reason: 'too_many_reports', text: '1005 reports, 1000 were read' }])
    expect(reasons(`KSTS 210153Z ${'x'.repeat(800)}`)).toEqual(['report_too_long'])
    expect(reasons(Array.from({ length: 300 }, () => `KSTS 210153Z ${'x'.repeat(690)}=`).join('\n'))).toContain('too_many_reports')
  })

  it('is not believed where service and report disagree about station or time', () => {
    expect(reasons([element({ icaoId: 'KJFK' })])).toEqual(['station_mismatch'])
    expect(reasons([element({ obsTime: 1_784_598_780 + 86_400 })])).toEqual(['time_mismatch'])
    expect(reasons([element({ obsTime: -5 })])).toEqual(['no_such_time'])
    expect(reasons([element({ obsTime: undefined })])).toEqual(['no_time'])
  })

  it('takes the time from the report where the service names only when it came', () => {
    const { observations } = parseMetarAnswer(
      bytes([element({ obsTime: undefined, receiptTime: '2026-08-01T00:01:00Z', rawOb: 'KSTS 312353Z 15007KT 23/13' })])
    )
    expect(observations[0]?.obsTimeMs).toBe(Date.UTC(2026, 6, 31, 23, 53))
  })

  it('uses the numbers of the service where the report is missing or unreadable', () => {
    const { observations } = parseMetarAnswer(
      bytes([element({ rawOb: undefined, altim: 1012.6, wspd: 7, clouds: [{ cover: 'BKN', base: 900 }] })])
    )
    expect(observations[0]).toMatchObject({
      tempC: 23.3,
      tempSource: 'body',
      visibilityMi: 10,
      altimeterHpa: 1012.6,
      windSpeedKt: 7,
      sky: [{ cover: 'BKN', baseFt: 900 }]
    })
    expect(observations[0]).not.toHaveProperty('windDirDeg')
  })

  it('ignores fields of a wrong type', () => {
    const { observations } = parseMetarAnswer(bytes([element({ lat: 'north', visib: {}, wdir: [], clouds: 7, elev: null })]))
    expect(observations[0]).toMatchObject({ tempC: 23.3, visibilityMi: 10, lon: -122.811 })
    expect(observations[0]).not.toHaveProperty('lat')
  })
})

describe('a plain report', () => {
  it('has tenths from the remarks, which win over the body; both are told', () => {
    expect(one('METAR KFFO 051658Z 30008KT 4SM -SN OVC019 M05/M07 A2996 RMK AO1A T10471072=')).toMatchObject({
      tempC: -4.7,
      dewpointC: -7.2,
      bodyTempC: -5,
      tempSource: 't_group'
    })
    expect(one('KLGA 210151Z 35009KT 10SM CLR 29/08 A2980 RMK AO2 T0294')).toMatchObject({
      tempC: 29.4,
      dewpointC: 8,
      tempSource: 't_group'
    })
  })

  it('has whole degrees from the body where there are no tenths, also without a dew point', () => {
    expect(one('METAR LEMD 210130Z 35009KT CAVOK M00/M03 Q1010 NOSIG')).toMatchObject({ tempC: 0, dewpointC: -3, tempSource: 'body' })
    expect(one('METAR NZSP 211750Z 11009KT 9999 IC FEW015 M70/ A2823')).toMatchObject({ tempC: -70, tempSource: 'body' })
    const none = one('METAR CWFD 212000Z AUTO 22006KT ////SM //// NCD ///// A////')
    expect(none.tempSource).toBe('none')
    expect(none).not.toHaveProperty('tempC')
  })

  it('gives winds in knots, a variable one without direction', () => {
    expect(one('METAR UUEE 210151Z 35010G15MPS CAVOK 18/08 Q1010')).toMatchObject({ windDirDeg: 350, windSpeedKt: 19.4, gustKt: 29.2 })
    const variable = one('METAR KLGA 210151Z VRB03KT 1 1/2SM VV002 18/08 A2980')
    expect(variable).toMatchObject({ windSpeedKt: 3, visibilityMi: 1.5, sky: [{ cover: 'VV', baseFt: 200 }] })
    expect(variable).not.toHaveProperty('windDirDeg')
  })

  it('tells a special report and a correction by their words', () => {
    expect(one('SPECI KLGA 210122Z 18005KT 10SM CLR 18/08 A2980').kind).toBe('SPECI')
    for (const raw of [
      'METAR COR KLGA 210151Z 18005KT 10SM CLR 18/08 A2980',
      'METAR KLGA 210151Z COR 18005KT 10SM CLR 18/08 A2980',
      'METAR CYYZ 210151Z CCA 18005KT 15SM SKC 18/08 A2980'
    ])
      expect(one(raw).corrected).toBe(true)
    expect(one('METAR KLGA 210151Z 18005KT 10SM CLR 18/08 A2980 RMK LAST COR 0130').corrected).toBe(false)
  })

  it('falls on the day of the month that is nearest to when it came', () => {
    const at = (text: string, received: number): string => new Date(one(`KLGA ${text} 18005KT 18/08`, received).obsTimeMs).toISOString()
    expect(at('312351Z', Date.UTC(2026, 7, 1, 0, 5))).toBe('2026-07-31T23:51:00.000Z')
    expect(at('010003Z', Date.UTC(2026, 6, 31, 23, 59))).toBe('2026-08-01T00:03:00.000Z')
    expect(at('291151Z', Date.UTC(2028, 2, 1))).toBe('2028-02-29T11:51:00.000Z')
    expect(at('301151Z', Date.UTC(2026, 2, 1))).toBe('2026-03-30T11:51:00.000Z')
  })

  it('is refused when its time cannot be, and when there is no time to compare it with', () => {
    expect(reasons('KLGA 992599Z 18005KT 18/08')).toEqual(['no_such_time'])
    expect(parseMetarAnswer(bytes('KLGA 210151Z 18005KT 18/08')).rejected).toEqual([
      { reason: 'no_reference_time', text: 'KLGA 210151Z 18005KT 18/08' }
    ])
    expect(reasons('METAR CYSY 210151Z NIL=')).toEqual(['nil_report'])
    expect(reasons('QQQQ 210151Z=')).toEqual(['empty_report'])
  })

  it('ends where the next one of the station begins', () => {
    expect(one('KMCO 210053Z 31007KT 10SM 15/09 RMK AO2 KMCO 202353Z 29005KT 10SM 16/09 RMK AO2 T01600094')).toMatchObject({
      tempC: 15,
      tempSource: 'body',
      raw: 'KMCO 210053Z 31007KT 10SM 15/09 RMK AO2'
    })
  })

  it('may be wrapped, ended by an equals sign and sent with headings and teletype bytes', () => {
    const text =
      '\u0001\r\r\n776 \r\r\nSAUS70 KWBC 210100\r\r\nMETAR\r\r\nKSPS 210052Z 10015KT 10SM 25/16 A2967 RMK AO2\r\r\n     T02500161=\r\r\nKALO 210054Z 17027KT 19/16=KAMW 210053Z 00000KT 12/11=\r\n\u0003'
    const { observations, rejected } = parseMetarAnswer(bytes(text), RECEIVED)
    expect(rejected).toEqual([])
    expect(observations.map(({ stationId, tempC }) => [stationId, tempC])).toEqual([
      ['KSPS', 25],
      ['KAMW', 12],
      ['KALO', 19]
    ])
  })
})

describe('whatever comes', () => {
  it('never throws, for any bytes and for any JSON', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (body) => void parseMetarAnswer(body, RECEIVED)))
    fc.assert(fc.property(fc.jsonValue(), (value) => void parseMetarAnswer(bytes(value), RECEIVED)))
    const anything = fc.record({
      icaoId: fc.constant('KLGA'),
      obsTime: fc.jsonValue(),
      rawOb: fc.jsonValue(),
      temp: fc.jsonValue(),
      clouds: fc.jsonValue()
    })
    fc.assert(fc.property(fc.array(anything, { maxLength: 3 }), (value) => void parseMetarAnswer(bytes(value), RECEIVED)))
  })

  it('never throws for reports with damaged characters, and gives only finite numbers', () => {
    const whole = 'METAR KSTS 210153Z 15007G17KT 1 1/2SM R04/0600V1000FT TSRA BKN010CB OVC020 23/13 A2990 RMK AO2 SLP117 T02330128'
    const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.string({ maxLength: 3 })), { maxLength: 6 })
    fc.assert(
      fc.property(damage, (changes) => {
        let raw = whole
        for (const [at, text] of changes) raw = raw.slice(0, at) + text + raw.slice(at + 1)
        for (const observation of parseMetarAnswer(bytes(raw), RECEIVED).observations)
          for (const value of Object.values(observation)) if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true)
      })
    )
  })
})
