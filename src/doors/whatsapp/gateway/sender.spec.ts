import { describe, expect, it } from '@jest/globals';
import { canonicalPhone, dialablePhone, identify, isNobody, replyAddress, senderKeys } from './sender.js';

describe('sender of a message', () => {
  it('has the same key under 52 and 521', () => {
    expect(senderKeys({ phone: '5215512345678' })).toEqual(['wa|525512345678']);
    expect(senderKeys({ phone: '525512345678' })).toEqual(['wa|525512345678']);
  });

  it.each([
    ['an Argentinian mobile', '5491122223333'],
    ['a Brazilian number with its ninth digit', '5511912345678'],
    ['521 with fewer digits', '521551234567'],
    ['521 with more digits', '52155123456789'],
    ['a number of the United States', '15215551234'],
  ])('keeps %s as it is', (_what, phone) => {
    expect(canonicalPhone(phone)).toBe(phone);
  });

  it('is known first by the business-scoped id, then by the phone, and by the parent only when alone', () => {
    const sender = { phone: '5215512345678', bsuid: 'MX.134', parent: 'MX.ENT.118' };
    expect(senderKeys(sender)).toEqual(['wa|MX.134', 'wa|525512345678']);
    expect(senderKeys({ parent: 'MX.ENT.118' })).toEqual(['wa|MX.ENT.118']);
  });

  it('is told by the form of the identifier, not by its field', () => {
    expect(identify('MX.134', undefined, 'MX.ENT.118', '5215512345678')).toEqual({
      bsuid: 'MX.134',
      parent: 'MX.ENT.118',
      phone: '5215512345678',
    });
    expect(identify('+525512345678').phone).toBe('525512345678');
  });

  it.each(['', '<PHONE_NUMBER>', 'mx.134', 'MX.', 'MX.12 3', '12', 'MX.ENT.', `MX.${'a'.repeat(129)}`])(
    'is nobody when it is %j',
    (value) => {
      expect(isNobody(identify(value))).toBe(true);
    },
  );

  it('is answered at exactly the address that Meta gave', () => {
    expect(replyAddress({ phone: '5215512345678', bsuid: 'MX.134' })).toEqual({ to: '+5215512345678' });
    expect(replyAddress({ bsuid: 'MX.134', parent: 'MX.ENT.118' })).toEqual({ recipient: 'MX.134' });
    expect(replyAddress({})).toBeUndefined();
  });

  it('can be called at the number without the old 1', () => {
    expect(dialablePhone({ phone: '5215512345678' })).toBe('+525512345678');
    expect(dialablePhone({ bsuid: 'MX.134' })).toBeUndefined();
  });
});
