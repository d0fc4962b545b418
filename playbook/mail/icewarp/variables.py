"""The product's own names for what is read and set (source: its variable listing, 14.3)."""

from typing import Final

from playbook.hosts.host import IceWarpOverrides
from playbook.mail.survey import Survey
from playbook.transports.base import Value

Values = dict[str, Value]

WATCHDOG: Final = "c_system_tools_watchdog_smtp"
SMTP_LOG: Final = "c_system_log_services_smtp"

SYSTEM: Final = (
    "c_version",
    "c_system_storage_dir_mailpath",
    "c_system_storage_dir_temppath",
    "c_system_storage_dir_logpath",
    "c_mail_smtp_general_temppath",
    WATCHDOG,
    "c_system_storage_lb_serverid",
    "c_accounts_policies_pass_enable",
    "c_accounts_policies_pass_minlength",
    "c_accounts_policies_pass_digits",
    "c_accounts_policies_pass_alpha",
    "c_accounts_policies_pass_upperalpha",
    "c_accounts_policies_pass_nonalphanum",
    SMTP_LOG,
    "c_system_logging_general_logtimeformat",
    "c_system_logging_general_logcache",
    "c_system_oauth_refresh_token_expiration",
)

# What an attacker changes in order to stay, besides what decides how a password is set.
ACCOUNT: Final = (
    "u_smtp",
    "u_accountdisabled",
    "u_authmode",
    "u_authmodevalue",
    "u_passwordlastchanged",
    "u_alias",
    "u_forwardto",
    "u_mailin",
    "u_mailout",
    "u_forwardolder",
    "u_forwardolderto",
    "u_useremoteaddress",
    "u_remoteaddress",
    "u_alternateemail",
    "u_admin",
    "u_domainadmin",
    "u_webadmin",
    "u_gatewayadmin",
    "u_respond",
    "u_blackwhitefilter",
    "u_rulescontentxml",
    "u_rulessieve",
    "u_2f_enabled",
    "u_2f_phone",
    "u_blocked",
    "u_clientid_allowedlist",
)

# POP3, IMAP, submission, web, and their TLS ports.
MAIL_PORTS: Final = "25 110 143 465 587 993 995 80 443"


def service_values(seen: Survey, known: IceWarpOverrides) -> Values:
    """How the product is spoken to, as the survey found it."""
    product = seen.product
    dialect = product.dialect or "get"
    return {
        "tool": product.tool,
        "get_verb": dialect,
        "set_verb": "set" if dialect == "get" else "modify",
        "icewarpd": product.control,
        "install": product.folder,
        "module": known.smtp_module,
        "smtp_port": known.smtp_port,
        "tool_patience": known.tool_patience_s,
    }


def deadline_s(known: IceWarpOverrides) -> float:
    """Longer than everything that a script waits for together."""
    return 3 * known.stop_patience_s + known.start_patience_s + 6 * known.tool_patience_s + 60
