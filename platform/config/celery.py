"""The Celery application. Queues: default; provision (the only one with the migrator's login)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")

app = Celery("guanxi")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_default_queue="default",
    task_routes={
        "registry.*": {"queue": "provision"},
        "fields.build_index": {"queue": "provision"},
        "fields.drop_index": {"queue": "provision"},
    },
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    worker_max_tasks_per_child=500,
    broker_transport_options={"visibility_timeout": 3600},
    broker_connection_retry_on_startup=True,
    task_ignore_result=True,
    beat_schedule={
        "keep the pool full": {"task": "registry.tend_pool", "schedule": 10.0},
        "send what waits": {"task": "config.send_late_everywhere", "schedule": 30.0},
        "remind of tasks": {"task": "activities.remind_all", "schedule": 60.0},
        "resume imports": {"task": "transfer.resume_all", "schedule": 30.0},
        "look at every workspace": {"task": "console.gather_all", "schedule": 3600.0},
        "look at new workspaces": {"task": "console.gather_new", "schedule": 300.0},
        "forget old mails": {"task": "console.forget_mails", "schedule": 24 * 3600.0},
        "end support accesses": {"task": "console.end_overdue_support", "schedule": 60.0},
        "resume hand-overs": {"task": "people.resume_hand_overs_all", "schedule": 30.0},
        "clear expired": {"task": "people.clear_expired_all", "schedule": 3600.0},
        "empty bins": {"task": "config.empty_bins", "schedule": 24 * 3600.0},
        "follow what Stripe told": {"task": "billing.follow_events", "schedule": 30.0},
        "fetch what Stripe could not deliver": {"task": "billing.reconcile_events", "schedule": 3600.0},
        "let billing time pass": {"task": "billing.pass_time", "schedule": 300.0},
        "look at every subscription": {"task": "billing.sync_all", "schedule": 24 * 3600.0},
        "charge nothing for what is closed": {"task": "billing.end_closed", "schedule": 24 * 3600.0},
        "recount usage": {"task": "billing.reconcile_usage_all", "schedule": 24 * 3600.0},
        "turn the day of formulas": {"task": "fields.derive_volatile_everywhere", "schedule": 600.0},
        "remove closed workspaces": {"task": "registry.remove_closed", "schedule": 3600.0},
    },
)
app.autodiscover_tasks()
