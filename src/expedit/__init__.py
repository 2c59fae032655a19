"""The self-hosted e-commerce personalization engine."""
