/** What crosses the snippet's modules, and what a page may give and get. */

export type Purpose = "analytics" | "personalization" | "email" | "sms" | "push" | "personalized_price";

/** What the visitor has said so far; a purpose that is absent has not been answered, which counts as no. */
export type Consent = Partial<Record<Purpose, boolean>>;

export type Properties = Record<string, unknown>;

/** One line of the batch, in Segment's envelope. */
export interface Call {
  type: "track" | "page" | "identify";
  event?: string;
  messageId: string;
  timestamp: Date;
  anonymousId?: string | undefined;
  userId?: string | undefined;
  properties?: Properties | undefined;
  traits?: Properties | undefined;
  context: Properties;
}

export interface Reason {
  readonly code: string;
  readonly text: string;
  readonly because?: unknown;
}

/** A recommended product; amounts are decimal text such as "1499.00". */
export interface Item {
  readonly id: string;
  readonly title: string;
  readonly url: string;
  readonly imageUrl: string;
  readonly price: string;
  readonly salePrice: string | null;
  readonly priorPrice: string | null;
  readonly currency: string;
  readonly reason: Reason;
  readonly rating?: { readonly value: string; readonly best: number; readonly count: number; readonly text: string };
  readonly proof?: { readonly kind: string; readonly people: number; readonly days: number; readonly text: string };
  readonly badge: string | null;
}

export interface Decision {
  readonly decisionId: string;
  readonly placement: string;
  readonly title: string;
  readonly template?: string;
  readonly items: readonly Item[];
  readonly experiment: { readonly name: string; readonly arm: string } | null;
}

export interface PlacementRequest {
  placement: string;
  limit?: number | undefined;
  context?: Properties | undefined;
}

/** Draws one card; text becomes text, never markup. */
export type Template = (item: Item, decision: Decision) => Node | string;

/** A spot that the shop chose by CSS selector instead of editing its theme; no page types means every page. */
export interface Spot {
  readonly name: string;
  readonly selector: string;
  readonly position: "before" | "after" | "append" | "prepend" | "replace";
  readonly pageTypes: readonly string[];
}
