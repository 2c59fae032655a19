/** Reports which cards were truly seen, half of one for a second, and which were followed. */

import { flush, record } from "./delivery";
import { guard, listen } from "./guard";
import type { Decision } from "./types";

const LOOK = 1000; // ms, half in view
const GATHER = 50; // ms, so that cards seen together are one event

/** Watch the elements that show a decision's items, in their order. */
export function watch(decision: Decision, cards: readonly Element[]): void {
  const timers: number[] = [];
  const seen: number[] = [];

  const tell = (event: string, positions: number[]) =>
    record("track", {
      event,
      properties: {
        decisionId: decision.decisionId,
        placement: decision.placement,
        products: positions.map((index) => ({ product_id: decision.items[index]!.id, position: index + 1 })),
      },
    });

  const gathered = guard(() => tell("impression", seen.splice(0)));

  const look = (position: number) => {
    timers[position] = setTimeout(() => {
      if (document.hidden) return look(position);
      observer.unobserve(cards[position]!);
      if (seen.push(position) < 2) setTimeout(gathered, GATHER);
    }, LOOK);
  };

  const observer = new IntersectionObserver(
    guard((entries: IntersectionObserverEntry[]) => {
      entries.forEach(({ target, intersectionRatio }) => {
        const position = cards.indexOf(target);
        clearTimeout(timers[position]);
        if (intersectionRatio >= 0.5) look(position);
      });
    }),
    { threshold: 0.5 },
  );

  cards.forEach((card, position) => {
    observer.observe(card);
    const clicked = ({ button, target }: MouseEvent) => {
      if (button < 2 && (target as Element).closest("a,button")) {
        tell("click", [position]);
        flush();
      }
    };
    listen(card, "click", clicked);
    listen(card, "auxclick", clicked);
  });
}
