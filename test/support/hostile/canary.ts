/** Planted wherever a format keeps what nobody should see. It must not be in any result. */
export const CANARY = 'CANARIO-7Q3X';
