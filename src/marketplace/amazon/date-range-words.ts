// The words of the date-range report (Payments → Transaction view) in the languages of the
// marketplaces: column headers, row types, and what a column of a type means in the books.
// Collected from import scripts that others run on their own exports (US, CA, MX, UK, FR, DE, IT,
// ES, NL, SE, PL, AU) and from a real JP export.

import type { Currency } from "../../money/currency.ts";
import { currencyOf } from "../../money/currency.ts";

/** Columns whose amounts sum to the row's total. */
export type Component =
  | "product-sales"
  | "product-sales-tax"
  | "shipping-credits"
  | "shipping-credits-tax"
  | "gift-wrap-credits"
  | "gift-wrap-credits-tax"
  | "regulatory-fee"
  | "regulatory-fee-tax"
  | "promotions"
  | "promotions-tax"
  | "points"
  | "tax-collected"
  | "tax-withheld"
  | "selling-fees"
  | "fba-fees"
  | "other-transaction-fees"
  | "other";

/**
 * Columns that are not amounts. Buyer city, state and postcode are known so that they are never
 * read or kept.
 */
export type PlainColumn =
  | "at"
  | "settlement-id"
  | "type"
  | "order-id"
  | "sku"
  | "description"
  | "quantity"
  | "marketplace"
  | "account-type"
  | "fulfilment"
  | "buyer-place"
  | "tax-model"
  | "total"
  | "status"
  | "release-at";

const COMPONENT_HEADERS: Readonly<Record<Component, string>> = {
  "product-sales":
    "product sales|ventas de productos|ventes de produits|umsätze|vendite|verkoop van producten|" +
    "productverkoop|商品売上|försäljning av produkter|sprzedaż produktów|vendite prodotti",
  "product-sales-tax":
    "product sales tax|impuesto de ventas de productos|taxes sur la vente des produits|" +
    "produktumsatzsteuer|imposta sulle vendite dei prodotti|商品の売上税",
  "shipping-credits":
    "shipping credits|postage credits|créditos de envío|abonos de envío|crédits d'expédition|" +
    "gutschrift für versandkosten|accrediti per le spedizioni|verzendtegoeden|配送料|fraktkrediter",
  "shipping-credits-tax":
    "shipping credits tax|impuesto de abono de envío|impuestos por abonos de envío|" +
    "taxe sur les crédits d'expédition|steuer auf versandgutschrift|" +
    "imposta accrediti per le spedizioni|配送料の税金",
  "gift-wrap-credits":
    "gift wrap credits|giftwrap credits|créditos por envoltorio de regalo|" +
    "abonos de envoltorio para regalo|crédits sur l'emballage cadeau|crédits d'emballage-cadeau|" +
    "gutschrift für geschenkverpackung|accrediti per confezioni regalo|" +
    "kredietpunten cadeauverpakking|ギフト包装手数料|krediter för presentinslagning",
  "gift-wrap-credits-tax":
    "giftwrap credits tax|gift wrap credits tax|impuesto de créditos de envoltura|" +
    "impuestos por abonos de envoltorio para regalo|taxes sur les crédits cadeaux|" +
    "steuer auf geschenkverpackungsgutschriften|imposta sui crediti confezione regalo|" +
    "ギフト包装クレジットの税金",
  "regulatory-fee": "regulatory fee|tarifa reglamentaria",
  "regulatory-fee-tax": "tax on regulatory fee|impuesto sobre tarifa reglamentaria",
  promotions:
    "promotional rebates|descuentos promocionales|devoluciones promocionales|" +
    "rabais promotionnels|total des réductions|rabatte aus werbeaktionen|sconti promozionali|" +
    "promotiekortingen|プロモーション割引額|kampanjrabatter|rabaty promocyjne",
  "promotions-tax":
    "promotional rebates tax|impuesto de reembolsos promocionales|" +
    "impuestos de descuentos por promociones|taxes sur les remises promotionnelles|" +
    "steuer auf aktionsrabatte|imposta sugli sconti promozionali|プロモーション割引の税金",
  points: "amazonポイントの費用",
  "tax-collected":
    "sales tax collected|geïnde omzetbelasting|inkasserad moms|taxe de ventes prélevée|" +
    "pobrany podatek od sprzedaży",
  "tax-withheld":
    "marketplace withheld tax|marketplace facilitator tax|low value goods|" +
    "impuesto de retenciones en la plataforma|impuesto retenido en el sitio web|" +
    "taxes retenues sur le site de vente|taxe marketplace facilitator|" +
    "einbehaltene steuer auf marketplace|trattenuta iva del marketplace|" +
    "belasting voor marketplace-facilitator|源泉徴収税を伴うマーケットプレイス|" +
    "skatt för marknadsplatsförmedlare|podatek od transakcji marketplace facilitator",
  "selling-fees":
    "selling fees|tarifas de venta|frais de vente|verkaufsgebühren|commissioni di vendita|" +
    "verkoopkosten|手数料|försäljningsavgifter|opłaty za sprzedaż",
  "fba-fees":
    "fba fees|fulfilment by amazon fees|fulfillment by amazon fees|tarifas fba|" +
    "tarifas de logística de amazon|frais expédié par amazon|" +
    "frais pour le service expédié par amazon|gebühren zu versand durch amazon|" +
    "costi del servizio logistica di amazon|fba-vergoedingen|fba 手数料|fba-avgifter|opłaty za fba",
  "other-transaction-fees":
    "other transaction fees|tarifas de otra transacción|tarifas de otras transacciones|" +
    "autres frais de transaction|andere transaktionsgebühren|" +
    "altri costi relativi alle transazioni|overige transactiekosten|" +
    "トランザクションに関するその他の手数料|övriga transaktionsavgifter|inne opłaty transakcyjne",
  other: "other|otro|autre|autres|andere|altro|overige|overig|その他|övrigt|inne",
};

const PLAIN_HEADERS: Readonly<Record<PlainColumn, string>> = {
  at:
    "date/time|fecha/hora|fecha y hora|date/heure|datum/uhrzeit|data/ora|datum/tijd|日付/時間|" +
    "datum/tid|data/godzina",
  "settlement-id":
    "settlement id|id. de liquidación|identificador de pago|numéro de versement|" +
    "identifiant du paiement|abrechnungsnummer|numero pagamento|schikkings-id|決済番号|" +
    "reglerings-id|identyfikator rozliczenia",
  type: "type|tipo|typ|トランザクションの種類",
  "order-id":
    "order id|id. del pedido|número de pedido|numéro de la commande|bestellnummer|" +
    "numero ordine|bestelnummer|注文番号|beställnings-id|identyfikator zamówienia",
  sku: "sku",
  description:
    "description|descripción|beschreibung|descrizione|beschrijving|説明|beskrivning|opis",
  quantity: "quantity|cantidad|quantité|menge|quantità|aantal|数量|antal|ilość",
  marketplace: "marketplace|web de amazon|site de vente|amazon 出品サービス|marknadsplats|rynek",
  "account-type": "account type",
  fulfilment:
    "fulfillment|fulfilment|cumplimiento|gestión logística|traitement|expédition|versand|" +
    "gestione|フルフィルメント|leverans|realizacja",
  "buyer-place":
    "order city|order state|order postal|ciudad del pedido|estado del pedido|" +
    "código postal del pedido|ciudad de procedencia del pedido|" +
    "comunidad autónoma de procedencia del pedido|código postal de procedencia del pedido|" +
    "ville d'où provient la commande|région d'où provient la commande|code postal de la commande|" +
    "ville de la commande|état de la commande|commande postale|ort der bestellung|bundesland|" +
    "postleitzahl|città di provenienza dell'ordine|provincia di provenienza dell'ordine|" +
    "cap dell'ordine|bestelling stad|status bestelling|bestelling per post|市町村|都道府県|郵便番号|" +
    "stad för beställning|delstat för beställning|postadress för beställning|" +
    "miejscowość zamówienia|stan zamówienia|przekaz pocztowy",
  "tax-model":
    "tax collection model|modelo de recaudación de impuestos|" +
    "formulario de recaudación de impuestos|modèle de perception des taxes|" +
    "steuererhebungsmodell|modello di riscossione delle imposte|税金徴収型",
  total: "total|gesamt|totale|totaal|合計|totalt|suma",
  status:
    "transaction status|transaktionsstatus|statut de la transaction|estado de la transacción|" +
    "stato della transazione|transactiestatus",
  "release-at":
    "transaction release date|freigabedatum der transaktion|date de sortie de la transaction|" +
    "date de délivrance de la transaction|fecha de liberación de la transacción|" +
    "data di rilascio della transazione|publicatiedatum van transactie|" +
    "transaktionens utgivningsdatum",
};

/** Row types with one meaning in every language. */
export type RowType =
  | "order"
  | "refund"
  | "order-retrocharge"
  | "refund-retrocharge"
  | "liquidation"
  | "claim"
  | "transfer"
  | "service-fee"
  | "fba-inventory-fee"
  | "fba-transaction-fee"
  | "amazon-fee"
  | "deal-fee"
  | "adjustment"
  | "fee-adjustment"
  | "reimbursement";

const TYPE_WORDS: Readonly<Record<RowType, string>> = {
  order: "order|commande|bestellung|ordine|pedido|bestelling|注文|beställning|zamówienie",
  refund:
    "refund|remboursement|erstattung|rimborso|reembolso|terugbetaling|返金|återbetalning|återbäring",
  "order-retrocharge": "order_retrocharge|bestellung_wiedereinzug",
  "refund-retrocharge": "refund_retrocharge",
  liquidation: "liquidation|liquidations|liquidations adjustments",
  claim: "a-to-z guarantee claim|a-to-z guarantee refund|chargeback refund",
  transfer:
    "transfer|transfert|transférer|übertrag|trasferimento|transferir|trasferir|transferencia|" +
    "overdracht|overboeking|振込み|振込|överföring",
  "service-fee":
    "service fee|frais de service|servicegebühr|commissione di servizio|" +
    "tarifa de prestación de servicio|tarifa de servicio|servicekosten|注文外料金",
  "fba-inventory-fee":
    "fba inventory fee|frais de stock expédié par amazon|versand durch amazon lagergebühr|" +
    "costo di stoccaggio logistica di amazon|tarifas de inventario de logística de amazon|" +
    "fba 在庫関連の手数料",
  "fba-transaction-fee":
    "fba transaction fees|fba transaction fee|frais de transaction expédié par amazon|" +
    "transaktionsgebühren für versand durch amazon|" +
    "commissioni per le transazioni di logistica di amazon",
  "amazon-fee": "amazon fees|amazon手数料",
  "deal-fee":
    "deal fee|lightning deal fee|tarif de la vente flash|blitzangebotsgebühr|" +
    "tariffa dell'offerta lampo|tarifa de oferta flash|数量限定タイムセール手数料",
  adjustment: "adjustment|ajustement|anpassung|modifica|ajuste|aanpassing|調整|justering",
  "fee-adjustment": "fee adjustment",
  reimbursement: "safe-t reimbursement|safe-t reimbursements",
};

/**
 * Store → currency, for the one preamble that names none in ISO letters (MX: "en dólares" for
 * pesos).
 */
const STORE_CURRENCIES: ReadonlyMap<string, string> = new Map([
  ["amazon.com", "USD"],
  ["amazon.ca", "CAD"],
  ["amazon.com.mx", "MXN"],
  ["amazon.co.uk", "GBP"],
  ["amazon.jp", "JPY"],
  ["amazon.co.jp", "JPY"],
  ["amazon.com.au", "AUD"],
  ["amazon.se", "SEK"],
  ["amazon.pl", "PLN"],
  ["amazon.sg", "SGD"],
  ["amazon.ae", "AED"],
  ["amazon.sa", "SAR"],
  ...["de", "fr", "it", "es", "nl", "ie", "com.be"].map(
    (domain) => [`amazon.${domain}`, "EUR"] as const,
  ),
]);

const COMPONENTS = lookup(COMPONENT_HEADERS);
const PLAIN_COLUMNS = lookup(PLAIN_HEADERS);
const ROW_TYPES = lookup(TYPE_WORDS);

function lookup<Name extends string>(
  words: Readonly<Record<Name, string>>,
): ReadonlyMap<string, Name> {
  return new Map(
    (Object.entries(words) as [Name, string][]).flatMap(([name, list]) =>
      list.split("|").map((word) => [plainWord(word), name] as const),
    ),
  );
}

/**
 * Without case, outer spaces, a last colon, and the width and apostrophe forms that differ between
 * exports.
 */
export function plainWord(word: string): string {
  return word
    .normalize("NFKC")
    .replace(/[\u2018\u2019]/g, "'")
    .replace(/\s+/g, " ")
    .trim()
    .replace(/ ?:$/, "")
    .toLowerCase();
}

export function componentOf(header: string): Component | null {
  return COMPONENTS.get(plainWord(header)) ?? null;
}

export function plainColumnOf(header: string): PlainColumn | null {
  return PLAIN_COLUMNS.get(plainWord(header)) ?? null;
}

/** The row type, or null for a word that is not known; "… - Reversal" is the type itself. */
export function rowTypeOf(word: string): RowType | null {
  return ROW_TYPES.get(plainWord(word).replace(/ - reversal$/, "")) ?? null;
}

/**
 * The currency that the preamble names: "All amounts in USD, unless specified", "単位は円", "in Euro".
 */
export function preambleCurrency(preamble: string): Currency | null {
  if (preamble.includes("単位は円")) return currencyOf("JPY");
  if (/\bin Euro\b/.test(preamble)) return currencyOf("EUR");
  for (const [, code = ""] of preamble.matchAll(/\b(?:in|en|i|w) ([A-Z]{3})\b/g)) {
    const currency = currencyOf(code);
    if (currency !== null) return currency;
  }
  return null;
}

export function storeCurrency(marketplaceName: string): Currency | null {
  return currencyOf(STORE_CURRENCIES.get(plainWord(marketplaceName)) ?? "");
}
