// What others ask for the same way, as published: baselines to set one's own cost against. Each with its source, its day and
// how sure it is; a seller's own contract is a figure of its own.

export type FeePreset = {
  readonly id: string;
  readonly title: { readonly en: string; readonly zh: string };
  /** Of the amount, in ten-thousandths. */
  readonly feeBps: number;
  /** Loss against the middle rate where it is told apart, in ten-thousandths; null: said to be in the fee, or not told. */
  readonly spreadBps: number | null;
  readonly source: string;
  readonly collectedOn: string;
  readonly confidence: "official" | "secondary" | "general-knowledge";
};

const COLLECTED = "2026-11-01";
const ACCS = "sellercentral.amazon.com, help page G200381250";

export const FEE_PRESETS: readonly FeePreset[] = [
  {
    id: "accs-below-100k",
    title: {
      en: "Amazon's currency converter, below USD 100,000 a year",
      zh: "亚马逊全球收款，年收款 10 万美元以下",
    },
    feeBps: 90,
    spreadBps: null,
    source: ACCS,
    collectedOn: COLLECTED,
    confidence: "official",
  },
  {
    id: "accs-below-500k",
    title: {
      en: "Amazon's currency converter, below USD 500,000",
      zh: "亚马逊全球收款，50 万美元以下",
    },
    feeBps: 70,
    spreadBps: null,
    source: ACCS,
    collectedOn: COLLECTED,
    confidence: "official",
  },
  {
    id: "accs-below-1m",
    title: {
      en: "Amazon's currency converter, below USD 1 million",
      zh: "亚马逊全球收款，100 万美元以下",
    },
    feeBps: 60,
    spreadBps: null,
    source: ACCS,
    collectedOn: COLLECTED,
    confidence: "official",
  },
  {
    id: "accs-below-10m",
    title: {
      en: "Amazon's currency converter, below USD 10 million",
      zh: "亚马逊全球收款，1000 万美元以下",
    },
    feeBps: 50,
    spreadBps: null,
    source: ACCS,
    collectedOn: COLLECTED,
    confidence: "official",
  },
  {
    id: "accs-from-10m",
    title: {
      en: "Amazon's currency converter, from USD 10 million",
      zh: "亚马逊全球收款，1000 万美元及以上",
    },
    feeBps: 40,
    spreadBps: null,
    source: ACCS,
    collectedOn: COLLECTED,
    confidence: "official",
  },
  {
    id: "airwallex-2025",
    title: { en: "Airwallex, list of January 2025", zh: "空中云汇，2025 年 1 月价目" },
    feeBps: 10,
    spreadBps: 50,
    source: "airwallex.com/us/terms/fee-schedule",
    collectedOn: "2025-01-01",
    confidence: "official",
  },
  {
    id: "pingpong-launch",
    title: { en: "PingPong, at launch", zh: "PingPong，上线时" },
    feeBps: 100,
    spreadBps: null,
    source: "wyzhifu.com/zfgongsi/2982.html",
    collectedOn: COLLECTED,
    confidence: "secondary",
  },
  {
    id: "third-party-30",
    title: { en: "A payment institution at 0.3 %", zh: "第三方支付机构 0.3%" },
    feeBps: 30,
    spreadBps: null,
    source: "published caps of three institutions",
    collectedOn: COLLECTED,
    confidence: "general-knowledge",
  },
  {
    id: "third-party-50",
    title: { en: "A payment institution at 0.5 %", zh: "第三方支付机构 0.5%" },
    feeBps: 50,
    spreadBps: null,
    source: "published caps of three institutions",
    collectedOn: COLLECTED,
    confidence: "general-knowledge",
  },
  {
    id: "third-party-100",
    title: { en: "A payment institution at 1 %", zh: "第三方支付机构 1%" },
    feeBps: 100,
    spreadBps: null,
    source: "published caps of three institutions",
    collectedOn: COLLECTED,
    confidence: "general-knowledge",
  },
];
