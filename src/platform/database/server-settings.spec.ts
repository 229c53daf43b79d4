import { describe, expect, it } from '@jest/globals';
import { hazardsIn } from './server-settings.js';

const tells = (name: string, value: string): boolean => hazardsIn(new Map([[name, value]])).length > 0;

describe('the prefix of log lines', () => {
  it.each(['%x', '%v', '%m [%p] %x ', '%t:%r:%u@%d:[%p]:%v', '%-10x', '%8v|', '%%%x', '%qtxid=%x'])(
    '%j holds a transaction id',
    (prefix) => expect(tells('log_line_prefix', prefix)).toBe(true),
  );

  it.each(['', '%m [%p] ', '%t [%p-%l] %q%u@%d ', '%%x', '%%%%v', 'x v ', '100%% v', '%'])(
    '%j holds none',
    (prefix) => expect(tells('log_line_prefix', prefix)).toBe(false),
  );
});

describe('the destination of the log', () => {
  it.each(['csvlog', 'stderr,csvlog', 'stderr, JSONLOG'])('%j has transaction ids in every line', (value) =>
    expect(tells('log_destination', value)).toBe(true),
  );
  it.each(['stderr', 'syslog', 'stderr,eventlog'])('%j has none of itself', (value) =>
    expect(tells('log_destination', value)).toBe(false),
  );
});

describe('a server', () => {
  it('that keeps times of commits is told with the value and the cure', () => {
    expect(hazardsIn(new Map([['track_commit_timestamp', 'on']]))).toEqual([
      'The database server has track_commit_timestamp = on: the database can tell to the microsecond when each report was stored. ' +
        'Have its administrator set track_commit_timestamp = off and restart the server, which forgets the times kept so far',
    ]);
  });

  it('with its defaults, or that knows none of the settings, is left alone', () => {
    expect(hazardsIn(new Map())).toEqual([]);
    const defaults = {
      track_commit_timestamp: 'off',
      log_statement: 'none',
      log_min_duration_statement: '-1',
      log_min_duration_sample: '-1',
      log_statement_sample_rate: '1',
      log_transaction_sample_rate: '0',
      log_duration: 'off',
      log_parameter_max_length_on_error: '0',
      log_line_prefix: '%m [%p] ',
      log_destination: 'stderr',
      'pgaudit.log': 'none',
      'pgaudit.role': '',
      'auto_explain.log_min_duration': '-1',
      'auto_explain.sample_rate': '1',
    };
    expect(hazardsIn(new Map(Object.entries(defaults)))).toEqual([]);
  });
});
