"""What the compatible gateway has and this one has not yet: known by name, so that it is refused, not ignored.

A row moves to the table of options when it works.
"""

from __future__ import annotations

from colonnade.config.flags import BOOL, TEXT, Flag


def _later(names: str, env: str = "", default: str | None = None, *, switch: bool = False) -> Flag:
    name, *aliases = names.split()
    kind = BOOL if switch else TEXT
    return Flag(name, kind, False if switch else default, tuple(aliases), tuple(env.split()), available=False)


GLOBAL: tuple[Flag, ...] = (
    _later("webui", "VGW_WEBUI_PORT"),
    _later("webui-cert", "VGW_WEBUI_CERT"),
    _later("webui-key", "VGW_WEBUI_KEY"),
    _later("webui-no-tls", "VGW_WEBUI_NO_TLS", switch=True),
    _later("webui-gateways", "VGW_WEBUI_GATEWAYS"),
    _later("webui-admin-gateways", "VGW_WEBUI_ADMIN_GATEWAYS"),
    _later("webui-path-prefix", "VGW_WEBUI_PATH_PREFIX"),
    _later("webui-s3-prefix", "VGW_WEBUI_S3_PREFIX"),
    _later("website", "VGW_WEBSITE_PORT"),
    _later("website-domain", "VGW_WEBSITE_DOMAIN"),
    _later("website-cert", "VGW_WEBSITE_CERT"),
    _later("website-key", "VGW_WEBSITE_KEY"),
    _later("website-no-tls", "VGW_WEBSITE_NO_TLS", switch=True),
    _later("pprof", "VGW_PPROF"),
    _later("event-kafka-url eku", "VGW_EVENT_KAFKA_URL"),
    _later("event-kafka-topic ekt", "VGW_EVENT_KAFKA_TOPIC"),
    _later("event-kafka-key ekk", "VGW_EVENT_KAFKA_KEY"),
    _later("event-nats-url enu", "VGW_EVENT_NATS_URL"),
    _later("event-nats-topic ent", "VGW_EVENT_NATS_TOPIC"),
    _later("event-rabbitmq-url eru", "VGW_EVENT_RABBITMQ_URL"),
    _later("event-rabbitmq-exchange ere", "VGW_EVENT_RABBITMQ_EXCHANGE"),
    _later("event-rabbitmq-routing-key errk", "VGW_EVENT_RABBITMQ_ROUTING_KEY"),
    _later("event-webhook-url ewu", "VGW_EVENT_WEBHOOK_URL"),
    _later("event-filter ef", "VGW_EVENT_FILTER"),
    _later("iam-ldap-url", "VGW_IAM_LDAP_URL"),
    _later("iam-ldap-bind-dn", "VGW_IAM_LDAP_BIND_DN"),
    _later("iam-ldap-bind-pass", "VGW_IAM_LDAP_BIND_PASS"),
    _later("iam-ldap-query-base", "VGW_IAM_LDAP_QUERY_BASE"),
    _later("iam-ldap-object-classes", "VGW_IAM_LDAP_OBJECT_CLASSES"),
    _later("iam-ldap-access-atr", "VGW_IAM_LDAP_ACCESS_ATR"),
    _later("iam-ldap-secret-atr", "VGW_IAM_LDAP_SECRET_ATR"),
    _later("iam-ldap-role-atr", "VGW_IAM_LDAP_ROLE_ATR"),
    _later("iam-ldap-user-id-atr", "VGW_IAM_LDAP_USER_ID_ATR"),
    _later("iam-ldap-group-id-atr", "VGW_IAM_LDAP_GROUP_ID_ATR"),
    _later("iam-ldap-project-id-atr", "VGW_IAM_LDAP_PROJECT_ID_ATR"),
    _later("iam-ldap-tls-skip-verify", "VGW_IAM_LDAP_TLS_SKIP_VERIFY", switch=True),
    _later("iam-vault-endpoint-url", "VGW_IAM_VAULT_ENDPOINT_URL"),
    _later("iam-vault-namespace", "VGW_IAM_VAULT_NAMESPACE"),
    _later("iam-vault-secret-storage-path", "VGW_IAM_VAULT_SECRET_STORAGE_PATH"),
    _later("iam-vault-secret-storage-namespace", "VGW_IAM_VAULT_SECRET_STORAGE_NAMESPACE"),
    _later("iam-vault-auth-method", "VGW_IAM_VAULT_AUTH_METHOD"),
    _later("iam-vault-auth-namespace", "VGW_IAM_VAULT_AUTH_NAMESPACE"),
    _later("iam-vault-mount-path", "VGW_IAM_VAULT_MOUNT_PATH"),
    _later("iam-vault-root-token", "VGW_IAM_VAULT_ROOT_TOKEN"),
    _later("iam-vault-role-id", "VGW_IAM_VAULT_ROLE_ID"),
    _later("iam-vault-role-secret", "VGW_IAM_VAULT_ROLE_SECRET"),
    _later("iam-vault-server_cert", "VGW_IAM_VAULT_SERVER_CERT"),
    _later("iam-vault-client_cert", "VGW_IAM_VAULT_CLIENT_CERT"),
    _later("iam-vault-client_cert_key", "VGW_IAM_VAULT_CLIENT_CERT_KEY"),
    _later("ipa-host", "VGW_IPA_HOST"),
    _later("ipa-vault-name", "VGW_IPA_VAULT_NAME"),
    _later("ipa-user", "VGW_IPA_USER"),
    _later("ipa-password", "VGW_IPA_PASSWORD"),
    _later("ipa-insecure", "VGW_IPA_INSECURE", switch=True),
)

POSIX: tuple[Flag, ...] = ()

COMMANDS: tuple[str, ...] = ("scoutfs", "azure", "plugin", "utils")

#: Types of backends that files may name later.
TYPES: tuple[str, ...] = ("scoutfs", "azure", "opendal")
