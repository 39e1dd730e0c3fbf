/** A mail to one address, in plain text and in HTML. */
export interface Mail {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** With its angle brackets. */
  readonly messageId: string;
  readonly date: Date;
  readonly headers: Readonly<Record<string, string>>;
}

/** What became of a mail. */
export type MailOutcome =
  | { readonly kind: 'ACCEPTED' }
  /** Certainly not accepted, and may be later. */
  | { readonly kind: 'DELAYED'; readonly reason: string }
  /** Certainly not accepted, nor ever: the server knows no such address, or does not want the mail. */
  | { readonly kind: 'REFUSED'; readonly reason: string }
  /** The mail was on its way when the connection ended: the server has it, or has not. */
  | { readonly kind: 'UNCERTAIN'; readonly reason: string }
  /** `handOver` said no. */
  | { readonly kind: 'WITHHELD' };

export interface Mailer {
  /**
   * Sends a mail. `handOver` is called once the server is ready to take it, before the first byte: whoever it tells no has
   * not sent it, whatever happens then, and whoever ends before it was told yes has not either.
   */
  send(mail: Mail, handOver: () => Promise<boolean>): Promise<MailOutcome>;
  /** Removes what is kept of mails to an address; what was handed to a mail server is out of reach. */
  forget(address: string): Promise<void>;
}
