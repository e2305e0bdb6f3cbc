use crate::provider::{Algorithm::Hmac, Hash::Sha256, Part::Body, Provider, header};

/// [Shopify](https://shopify.dev/docs/apps/build/webhooks/verify-deliveries).
///
/// - **Signed**: the whole body, with HMAC-SHA256 in base64, in `X-Shopify-Hmac-SHA256`.
/// - **Time**: `X-Shopify-Triggered-At` is not signed. **The replay store is the only protection
///   against replays.**
/// - **Event**: `X-Shopify-Webhook-Id` and `X-Shopify-Topic`, both **unsigned**. One order snapshot
///   goes out under several topics with one body: name this endpoint's with
///   [`topics`](crate::VerifierBuilder::topics).
/// - **Identity**: a digest of what is signed and the **unsigned** delivery id, since different
///   events may sign the same; the id stays the same over the retries of one delivery, by [its
///   documentation](https://shopify.dev/docs/apps/build/webhooks/ignore-duplicates). Whoever
///   captured a delivery can have it run again under another id;
///   [`strict_identity`](crate::VerifierBuilder::strict_identity) takes the digest alone, and a
///   second event of the same content is then taken for a repetition.
/// - **Secret**: the app's client secret, or for webhooks made in a store's admin the key shown
///   under Settings, Notifications, Webhooks. After a rotation it takes up to an hour before the
///   new one signs: keep both.
/// - **Retries**: 8 over 4 h, then an API-made subscription is deleted (by an article that cites
///   Shopify).
pub static SHOPIFY: Provider = Provider::new("shopify")
    .title("Shopify")
    .docs("https://shopify.dev/docs/apps/build/webhooks/verify-deliveries")
    .signature(Hmac(Sha256), header("x-shopify-hmac-sha256").base64())
    .signs(&[Body])
    .delivery_id(&[header("x-shopify-webhook-id")])
    .event_type(&[header("x-shopify-topic")])
    .topics()
    .known_types(TOPICS)
    .identity_source("https://shopify.dev/docs/apps/build/webhooks/ignore-duplicates");

/// Of the REST and GraphQL Admin APIs, as the header writes them.
const TOPICS: &[&str] = &[
    "app/scopes_update",
    "app/uninstalled",
    "app_purchases_one_time/update",
    "app_subscriptions/approaching_capped_amount",
    "app_subscriptions/update",
    "audit_events/admin_api_activity",
    "bulk_operations/finish",
    "carts/create",
    "carts/update",
    "channels/delete",
    "checkouts/create",
    "checkouts/delete",
    "checkouts/update",
    "collection_listings/add",
    "collection_listings/remove",
    "collection_listings/update",
    "collection_publications/create",
    "collection_publications/delete",
    "collection_publications/update",
    "collections/create",
    "collections/delete",
    "collections/update",
    "companies/create",
    "companies/delete",
    "companies/update",
    "company_contact_roles/assign",
    "company_contact_roles/revoke",
    "company_contacts/create",
    "company_contacts/delete",
    "company_contacts/update",
    "company_locations/create",
    "company_locations/delete",
    "company_locations/update",
    "customer.joined_segment",
    "customer.left_segment",
    "customer.tags_added",
    "customer.tags_removed",
    "customer_account_settings/update",
    "customer_groups/create",
    "customer_groups/delete",
    "customer_groups/update",
    "customer_payment_methods/create",
    "customer_payment_methods/revoke",
    "customer_payment_methods/update",
    "customers/create",
    "customers/data_request",
    "customers/delete",
    "customers/disable",
    "customers/enable",
    "customers/merge",
    "customers/purchasing_summary",
    "customers/redact",
    "customers/update",
    "customers_email_marketing_consent/update",
    "customers_marketing_consent/update",
    "discounts/create",
    "discounts/delete",
    "discounts/update",
    "disputes/create",
    "disputes/update",
    "domains/create",
    "domains/destroy",
    "domains/update",
    "draft_orders/create",
    "draft_orders/delete",
    "draft_orders/update",
    "fulfillment_events/create",
    "fulfillment_events/delete",
    "fulfillments/create",
    "fulfillments/update",
    "inventory_items/create",
    "inventory_items/delete",
    "inventory_items/update",
    "inventory_levels/connect",
    "inventory_levels/disconnect",
    "inventory_levels/update",
    "locales/create",
    "locales/update",
    "locations/activate",
    "locations/create",
    "locations/deactivate",
    "locations/delete",
    "locations/update",
    "markets/create",
    "markets/delete",
    "markets/update",
    "order_transactions/create",
    "orders/cancelled",
    "orders/create",
    "orders/delete",
    "orders/edited",
    "orders/fulfilled",
    "orders/paid",
    "orders/partially_fulfilled",
    "orders/updated",
    "payment_schedules/due",
    "payment_terms/create",
    "payment_terms/delete",
    "payment_terms/update",
    "product_listings/add",
    "product_listings/remove",
    "product_listings/update",
    "products/create",
    "products/delete",
    "products/update",
    "profiles/create",
    "profiles/delete",
    "profiles/update",
    "refunds/create",
    "selling_plan_groups/create",
    "selling_plan_groups/delete",
    "selling_plan_groups/update",
    "shop/redact",
    "shop/update",
    "subscription_contracts/create",
    "subscription_contracts/update",
    "tender_transactions/create",
    "themes/create",
    "themes/delete",
    "themes/publish",
    "themes/update",
    "variants/in_stock",
    "variants/out_of_stock",
];
