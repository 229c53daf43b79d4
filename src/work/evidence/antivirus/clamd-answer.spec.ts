import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { verdictOf, versionOf } from './clamd-answer.js';

const reasonOf = (answer: string): string => {
  const verdict = verdictOf(answer);
  return verdict.verdict === 'unavailable' ? verdict.reason : verdict.verdict;
};

describe('an answer of clamd', () => {
  it.each([
    ['stream: OK', 'clean'],
    ['stream: Win.Test.EICAR_HDB-1 FOUND', 'found'],
    ['stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND', 'size-limit'],
    ['stream: Heuristics.Limits.Exceeded.MaxRecursion FOUND', 'scan-limit'],
    ['INSTREAM size limit exceeded. ERROR', 'size-limit'],
    ["stream: Can't create temporary file ERROR", 'error'],
    ["INSTREAM: Can't write to temporary file. ERROR", 'error'],
    ['', 'empty'],
    ['COMMAND READ TIMED OUT', 'unknown-answer'],
    ['stream: ok', 'unknown-answer'],
    ['stream: OK ', 'unknown-answer'],
    [' stream: OK', 'unknown-answer'],
    ['stream: OK\nstream: Eicar FOUND', 'unknown-answer'],
    ['stream:  FOUND', 'unknown-answer'],
    ['1: stream: OK', 'unknown-answer'],
  ])('«%s» means %s', (answer, meaning) => {
    expect(reasonOf(answer)).toBe(meaning);
  });

  it('is clean in one form only', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const answer of [text, `stream: ${text}`, `${text}OK`, `stream: OK${text}`])
          if (answer !== 'stream: OK') expect(verdictOf(answer).verdict).not.toBe('clean');
      }),
    );
  });

  it('gives a name as one line of visible signs', () => {
    expect(verdictOf(`stream: a\u202e\u001b[31mb${'x'.repeat(500)} FOUND`)).toEqual({
      verdict: 'found',
      name: `a[31mb${'x'.repeat(194)}`,
    });
  });
});

describe('the version of clamd', () => {
  it('has signatures with their date, or none', () => {
    expect(versionOf('ClamAV 1.4.6/27812/Sat Nov 28 09:26:11 2026')).toEqual({
      program: 'ClamAV 1.4.6',
      signatures: '27812',
      signaturesOf: 'Sat Nov 28 09:26:11 2026',
    });
    expect(versionOf('ClamAV 1.4.6')).toEqual({ program: 'ClamAV 1.4.6' });
    expect(versionOf('220 mail.example ESMTP')).toEqual({});
  });
});
