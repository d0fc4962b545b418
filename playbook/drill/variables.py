"""The variables that the tool knows, with the values of a freshly attacked server.

Names are those of the product's own variable listing (14.3).
"""

from pathlib import Path

from playbook.drill.faults import Fault
from playbook.drill.layout import Layout
from playbook.drill.scenario import DOMAIN, VICTIM, Scenario, first_password
from playbook.drill.settings import Settings, Values

READ_ONLY = frozenset(
    {
        "c_version",
        "c_os",
        "c_installpath",
        "c_configpath",
        "c_accounts_policies_pass_encrypt",
        "u_passwordlastchanged",
        "u_fullmailboxpath",
        "u_2f_enabled",
        "d_basemailboxpath",
    }
)

_EMPTY_OF_ACCOUNT = (
    "u_authmodevalue",
    "u_forwardto",
    "u_mailin",
    "u_mailout",
    "u_forwardolderdays",
    "u_forwardolderto",
    "u_remoteaddress",
    "u_respondwith",
    "u_respondwithfile",
    "u_rulescontentxml",
    "u_rulessieve",
    "u_alternateemail",
    "u_2f_phone",
    "u_clientid_allowedlist",
    "u_sip_calltransfer",
)
_OFF_FOR_ACCOUNT = (
    "u_type",
    "u_authmode",
    "u_accountdisabled",
    "u_localdomain",
    "u_blocked",
    "u_passwordexpired",
    "u_donotforwardspam",
    "u_forwardolder",
    "u_useremoteaddress",
    "u_respond",
    "u_blackwhitefilter",
    "u_admin",
    "u_domainadmin",
    "u_webadmin",
    "u_gatewayadmin",
    "u_2f_enabled",
    "u_numbersendlimit",
    "u_megabytesendlimit",
    "u_directorycache_refreshnow",
    "u_enableoutgoingbulkmessages",
)
_ON_FOR_ACCOUNT = ("u_smtp", "u_pop3imap", "u_webmail", "u_activesync", "u_webdav", "u_im", "u_ftp")

_SYSTEM: Values = {
    "c_os": "1",
    "c_system_storage_dir_logpath": "logs/",
    "c_system_storage_dir_temppath": "temp/",
    "c_system_storage_dir_sharedtemppath": "",
    "c_system_storage_lb_serverid": "",
    "c_system_storage_lb_autocheckconfig": "1",
    "c_mail_smtp_general_temppath": "",
    "c_mail_smtp_active": "1",
    "c_mail_smtp_delivery_useincomingqueue": "1",
    "c_mail_smtp_other_maxrecipients": "32768",
    "c_mail_smtp_other_noretryqueue": "0",
    "c_system_services_smtp_startup": "0",
    "c_system_services_smtp_sendingstopped": "0",
    "c_system_filename_ends_with_serverid": "0",
    "c_system_tools_watchdog_smtp": "1",
    "c_system_tools_watchdog_pop3": "1",
    "c_system_tools_watchdog_im": "0",
    "c_system_tools_watchdog_gw": "0",
    "c_system_tools_watchdog_control": "0",
    "c_system_tools_watchdog_int": "1",
    "c_system_tools_watchdog_check_protocols": "0",
    "c_system_tools_watchdog_check_iplist": "",
    "c_system_tools_autoarchive_path": "",
    "c_system_log_services_smtp": "3",
    "c_system_log_services_pop3": "2",
    "c_system_log_services_imap": "2",
    "c_system_log_services_control": "2",
    "c_system_log_services_wcs": "2",
    "c_system_log_api": "0",
    "c_system_log_mailqueue": "0",
    "c_system_log_includesubjectinsmtplog": "0",
    "c_system_logging_general_logtimeformat": "0",
    "c_system_logging_general_deleteolder": "30",
    "c_system_logging_general_logcache": "0",
    "c_system_logging_general_logrotation": "0",
    "c_system_sessions_disablehistory": "0",
    "c_system_oauth_refresh_token_expiration": "144000",
    "c_accounts_global_accounts_authlog": "2",
    "c_accounts_global_accounts_maintenancelog": "1",
    "c_accounts_global_accounts_userstat": "1",
    "c_accounts_global_domains_usedomainlimits": "0",
    "c_accounts_global_domains_useuserlimits": "0",
    "c_accounts_global_domains_overrideglobal": "0",
    "c_accounts_policies_enableglobaladmin": "0",
    "c_accounts_policies_login_enable": "1",
    "c_accounts_policies_login_attempts": "5",
    "c_accounts_policies_login_blockperiod": "10",
    "c_accounts_policies_login_block": "0",
    "c_accounts_policies_login_loginsettings": "1",
    "c_accounts_policies_login_convertchars": "0",
    "c_accounts_policies_login_iprestriction": "0",
    "c_accounts_policies_pass_enable": "1",
    "c_accounts_policies_pass_minlength": "12",
    "c_accounts_policies_pass_digits": "2",
    "c_accounts_policies_pass_alpha": "2",
    "c_accounts_policies_pass_upperalpha": "1",
    "c_accounts_policies_pass_nonalphanum": "1",
    "c_accounts_policies_pass_useralias": "1",
    "c_accounts_policies_pass_expiration": "0",
    "c_accounts_policies_pass_expireafter": "0",
    "c_accounts_policies_pass_encrypt": "1",
    "c_mail_security_relay_relaymode": "1",
    "c_mail_security_relay_iplist": "127.0.0.1",
    "c_mail_security_relay_popsmtp": "0",
    "c_mail_security_relay_rejectlocalunauth": "1",
    "c_mail_security_protection_localdomain": "0",
    "c_mail_security_protection_rejectsmtpauthsender": "0",
    "c_mail_security_protocols_allowsmtpauth": "1",
    "c_mail_filter_rulescontentxml": "",
    "c_as_spamoutgoingrules": "3",
    "c_as_outgoingblockuser": "0",
}

_DOMAIN: Values = {
    "d_unknownuserstype": "0",
    "d_numberlimit": "0",
    "d_volumelimit": "0",
    "d_usernumber": "0",
    "d_usermb": "0",
    "d_userlimitnotify": "0",
    "d_limitnotify": "0",
    "d_2f_enabled": "0",
    "d_rulescontentxml": "",
    "d_rulessieve": "",
}


def fresh_settings(layout: Layout, scenario: Scenario, changed_at: int) -> Settings:
    """The settings of the server as the responder finds it.

    `changed_at` is the Unix time at which every password was last changed.
    """
    accounts = {
        address: _account(layout, scenario, address) | {"u_passwordlastchanged": str(changed_at)}
        for address in scenario.accounts
    }
    victim = accounts[VICTIM]
    victim["u_alias"] = "info;contact"
    victim["u_forwardto"] = "copie.4711@boite-libre.example"
    if scenario.has(Fault.DIRECTORY_ACCOUNT):
        victim |= {"u_authmode": "2", "u_authmodevalue": f"dc1.{DOMAIN}"}
        accounts[VICTIM] = victim
    domains = {
        domain: _DOMAIN | {"d_basemailboxpath": _folder(layout.mail / domain)}
        for domain in scenario.domains
    }
    return Settings(system=_system(layout, scenario), domains=domains, accounts=accounts)


def _system(layout: Layout, scenario: Scenario) -> Values:
    return _SYSTEM | {
        "c_version": scenario.version,
        "c_installpath": _folder(layout.install),
        "c_configpath": _folder(layout.settings.parent),
        "c_system_storage_dir_mailpath": _folder(layout.mail),
    }


def _account(layout: Layout, scenario: Scenario, address: str) -> Values:
    password = first_password(address, scenario.seed)
    return {
        **dict.fromkeys(_EMPTY_OF_ACCOUNT, ""),
        **dict.fromkeys(_OFF_FOR_ACCOUNT, "0"),
        **dict.fromkeys(_ON_FOR_ACCOUNT, "1"),
        "u_name": address.partition("@")[0],
        "u_alias": address.partition("@")[0],
        "u_mailbox": address.partition("@")[0],
        "u_fullmailboxpath": _folder(layout.mailbox(address)),
        "u_password": password,
        "directory password": password,
    }


def _folder(path: Path) -> str:
    return f"{path}/"
