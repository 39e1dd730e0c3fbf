/** How many wrong passwords may come one after the other before the next one has to wait; 0 for any number. */
export interface SignInLimits {
  /** For an account from one network. */
  readonly perPlace: number;
  /** For an account, wherever they come from. */
  readonly perAccount: number;
  /** From one network, whatever the account. */
  readonly perAddress: number;
  /** Accounts that may be asked for from a network in an hour; 0 for any number. */
  readonly signUpsPerHour: number;
}

/** What is usual. */
export const SIGN_IN_LIMITS: SignInLimits = { perPlace: 5, perAccount: 30, perAddress: 50, signUpsPerHour: 20 };
